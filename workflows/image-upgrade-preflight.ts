/** Everything that can be checked before anything is changed. All problems are reported at once. */
import { workflowInfo } from '@temporalio/workflow';
import { bareName } from '../domain/computer-names.ts';
import { isGoing, planRow, waveMembers, withPlaces } from '../domain/eligibility.ts';
import { forecast, type Forecast } from '../domain/forecast.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { RowSeed } from '../domain/upgrade-row.ts';
import { planHash } from '../domain/plan-hash.ts';
import { namedShortly, planChanged, tooMany } from '../domain/plan-limits.ts';
import { isRestoreBundle } from '../domain/restore-names.ts';
import { summarize } from '../domain/plan-summary.ts';
import type { Target } from '../domain/target.ts';
import type { PlanRow, PlanSummary, Problem } from '../domain/upgrade-plan.ts';
import { canaryShortfall } from '../domain/waves.ts';
import { localCalls } from './activities.ts';
import { attempts } from './attempts.ts';
import {
  readAgents,
  readByolBundles,
  readDirectories,
  readFleet,
  readKeys,
  readPools,
  type Agents,
  type Fleet,
} from './fleet-reading.ts';
import { rollbackId } from './image-upgrade.messages.ts';
import { checkAfterwards, checkBundleAndImage, checkReport, checkTopics, type Images } from './preflight-checks.ts';
import { readOwnBundles } from './restore-facts.ts';
import { lookAtSnapshots } from './snapshot-looks.ts';

export interface Preflight {
  readonly summary: PlanSummary;
  readonly rows: readonly PlanRow[];
  readonly agents: Agents;
}

export interface PreflightMode {
  /** Only look: no write to S3 is tried, and every snapshot is looked at. */
  readonly plan: boolean;
}

const NO_AGENTS: Agents = { byComputer: new Map(), online: new Set() };
const NO_FLEET: Fleet = { at: '', selected: [], outside: [], onBundle: 0, unknown: [], tagsOf: new Map() };
const NO_IMAGES: Images = { bundle: null, image: null, present: null };

export async function preflight(input: ImageUpgradeInput, { plan }: PreflightMode): Promise<Preflight> {
  const problems: Problem[] = [];
  const notes: string[] = [];
  const attempt = attempts<Problem>(problems);
  const { target, bundleId, warnings, otherBundle } = input;
  const [images, poolIds, fleet, agents] = await Promise.all([
    attempt(NO_IMAGES, (found) => checkBundleAndImage(input, found)),
    attempt([], () => readPools(target, bundleId)),
    attempt(NO_FLEET, () => readFleet(input)),
    warnings.leadSeconds.length > 0
      ? attempt(NO_AGENTS, () => readAgents(target), warnings.requireDelivery ? undefined : noWarnings(notes))
      : NO_AGENTS,
    attempt(undefined, (found) => checkReport(input, !plan, found)),
    attempt(undefined, (found) => checkAfterwards(input, found)),
    attempt(undefined, (found) => checkTopics(input, found)),
  ]);
  if (poolIds.length > 0 && !input.poolsToo) problems.push(poolsProblem(input, poolIds));
  const others = fleet.selected.map((each) => each.bundleId).filter((id) => id !== bundleId);
  const isMigrating = otherBundle === 'migrate';
  const [byolBundles, keyStates, selfService, restoreBundles] = await Promise.all([
    attempt(new Set<string>(), () => readByolBundles(target, isMigrating ? [...new Set(others)] : [])),
    attempt(new Map<string, string>(), () => readKeys(target, fleet.selected)),
    attempt([], (found) => checkDirectories(input, fleet, found)),
    attempt(new Set<string>(), () => readRestoreBundles(target, isMigrating ? [] : others)),
  ]);
  const terms = { bundleId, otherBundle, image: images.image, byolBundles, keyStates, restoreBundles };
  const planned = fleet.selected.map((member) => planRow(member, terms));
  const judged = withPlaces(input, planned, fleet.tagsOf);
  const hash = planHash(input, { presentImageId: images.bundle?.imageId ?? null, rows: judged });
  judgePlan(input, { fleet, judged, hash, isRead: fleet.at !== '' && images.bundle !== null, problems, notes });
  const rows = plan ? await attempt(judged, () => lookAtSnapshots(input, fleet.at, judged)) : judged;
  const summary = summarize(input, {
    ...images,
    hash,
    forecast: plan ? await forecastOf(input, rows, fleet.at) : null,
    problems,
    notes,
    poolIds,
    selfService,
    asOf: fleet.at,
    rows,
    waves: judged.reduce((most, { wave }) => Math.max(most, (wave ?? -1) + 1), 0),
    outside: fleet.outside.map(({ workspaceId }) => workspaceId),
    onBundle: fleet.onBundle,
    online: agents.online,
  });
  return { summary, rows, agents };
}

/** WorkSpaces that were restored are on bundles of their own. @param others bundles that WorkSpaces are on; none: nothing is read */
async function readRestoreBundles(target: Target, others: readonly string[]): Promise<Set<string>> {
  if (others.length === 0) return new Set();
  const bundles = await readOwnBundles(target);
  return new Set(bundles.filter(({ name }) => isRestoreBundle(name)).map((each) => each.bundleId));
}

/** What a row of the run begins with. */
export function toSeed(row: PlanRow, agents: Agents): RowSeed {
  const { workspaceId, computerName, userName, directoryId, bundleId, action, windowRule, wave, state } = row;
  const instanceIds = agents.byComputer.get(bareName(computerName)) ?? [];
  const known = { workspaceId, computerName, userName, directoryId, bundleId, action, windowRule, state };
  return { ...known, instanceIds, wave: wave ?? 0 };
}

/** Nobody can be warned while Systems Manager is down; that stops no rebuild. */
const noWarnings = (notes: string[]) => (message: string) =>
  void notes.push(`no user is warned, because Systems Manager does not answer: ${message}`);

const poolsProblem = ({ bundleId }: ImageUpgradeInput, poolIds: readonly string[]): Problem => ({
  code: 'pools',
  message: `WorkSpaces Pools use bundle ${bundleId} and would get the new image too: ${poolIds.join(', ')}; allow it with --pools-too, or give the Pools a bundle of their own`,
});

/** The directories whose users may rebuild their WorkSpaces by themselves. */
async function checkDirectories(input: ImageUpgradeInput, fleet: Fleet, problems: Problem[]): Promise<string[]> {
  const { target, selection } = input;
  const ofFleet = [...fleet.selected, ...fleet.outside].map((member) => member.directoryId);
  const directories = await readDirectories(target, [...new Set([...ofFleet, ...selection.directoryIds])]);
  const known = new Set(directories.map(({ directoryId }) => directoryId));
  const unknown = selection.directoryIds.filter((id) => !known.has(id));
  if (unknown.length > 0) {
    const message = `directories do not exist in ${target.account}/${target.region}: ${namedShortly(unknown)}; give others, or none`;
    problems.push({ code: 'selection', message });
  }
  const ids = new Set(ofFleet);
  return directories.flatMap((each) => (each.usersMayRebuild && ids.has(each.directoryId) ? [each.directoryId] : []));
}

interface Judged {
  readonly fleet: Fleet;
  readonly judged: readonly PlanRow[];
  readonly hash: string;
  /** All that the hash is made of. */
  readonly isRead: boolean;
  readonly problems: Problem[];
  readonly notes: string[];
}

/** Schedules start upgrades as children too: only the run that goes back has this id. */
function isRollback(): boolean {
  const { parent, workflowId } = workflowInfo();
  return parent !== undefined && workflowId === rollbackId(parent.workflowId);
}

/** What only shows when it is known who would be upgraded. */
function judgePlan(input: ImageUpgradeInput, { fleet, judged, hash, isRead, problems, notes }: Judged): void {
  const { target } = input;
  if (fleet.unknown.length > 0) {
    const message = `WorkSpaces do not exist in ${target.account}/${target.region}: ${namedShortly(fleet.unknown)}`;
    // What another run rebuilt and has rebuilt back may have been removed meanwhile; nobody gave these ids by mistake.
    if (isRollback()) notes.push(message);
    else problems.push({ code: 'selection', message: `${message}; leave them out` });
  }
  const shortfall = canaryShortfall(input.waves, waveMembers(judged, fleet.tagsOf));
  if (shortfall?.found === 0) {
    const message = `${shortfall.text}; choose it otherwise, or start without one`;
    problems.push({ code: 'selection', message });
  } else if (shortfall) notes.push(shortfall.text);
  problems.push(...tooMany(input, { going: judged.filter(isGoing).length, onBundle: fleet.onBundle }));
  // Where something could not be read, it is that that makes the plan another one.
  if (isRead) problems.push(...planChanged(input, hash));
}

/** Windows further ahead do not change much of when it may end. */
const DAYS_AHEAD = 28;

async function forecastOf(input: ImageUpgradeInput, rows: readonly PlanRow[], at: string): Promise<Forecast | null> {
  if (!rows.some(isGoing)) return null;
  const { windows } = input;
  const { callsPerSecond } = await localCalls.callRate();
  const request = { input, rows, now: Date.parse(at), callsPerSecond };
  if (windows.length === 0) return forecast(request);
  const { openings } = await localCalls.openings({ windows, from: at, days: DAYS_AHEAD });
  return forecast({ ...request, openings });
}
