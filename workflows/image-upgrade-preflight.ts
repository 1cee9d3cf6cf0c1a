/** Everything that can be checked before anything is changed. All problems are reported at once. */
import { sleep } from '@temporalio/workflow';
import { planRow, withSnapshot } from '../domain/eligibility.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { Bundle } from '../domain/rebuild-gate.ts';
import { newest } from '../domain/snapshots.ts';
import type { PlanRow, PlanSummary, Problem } from '../domain/upgrade-plan.ts';
import { quickCalls, workspacesCalls } from './activities.ts';
import { Lane } from './batches.ts';
import { troubleOf } from './failures.ts';
import {
  bareName,
  readAgents,
  readFleet,
  readKeys,
  readPools,
  readSelfService,
  type Agents,
  type Fleet,
} from './fleet-reading.ts';

export interface Preflight {
  readonly summary: PlanSummary;
  readonly rows: readonly PlanRow[];
  readonly agents: Agents;
  readonly bundle: Bundle | null;
}

export interface PreflightMode {
  /** Only look: no write to S3 is tried, and every snapshot is looked at. */
  readonly plan: boolean;
}

const NO_AGENTS: Agents = { byComputer: new Map(), online: new Set() };
const NO_FLEET: Fleet = { at: '', selected: [], outside: [] };

/** Calls that do not get through are made again for so long before a person is told. */
const MOST_TRIES = 20;
/** What a run can do without is not waited for as long. */
const TRIES_WITHOUT = 5;

export async function preflight(input: ImageUpgradeInput, { plan }: PreflightMode): Promise<Preflight> {
  const problems: Problem[] = [];
  const notes: string[] = [];
  const attempt = attempts(problems);
  const { target, bundleId } = input;
  const [bundle, poolIds, fleet, agents] = await Promise.all([
    attempt(null, (found) => checkBundleAndImage(input, found)),
    attempt([], () => readPools(target, bundleId)),
    attempt(NO_FLEET, () => readFleet(input)),
    input.notifySeconds > 0 ? attempt(NO_AGENTS, () => readAgents(target), noWarnings(notes)) : NO_AGENTS,
    attempt(undefined, (found) => checkReport(input, !plan, found)),
    attempt(undefined, (found) => checkAfterwards(input, found)),
  ]);
  if (poolIds.length > 0 && !input.poolsToo) problems.push(poolsProblem(input, poolIds));
  const members = fleet.selected;
  const directories = [...new Set([...members, ...fleet.outside].map((member) => member.directoryId))];
  const [keys, selfService] = await Promise.all([
    attempt(new Map<string, string>(), () => readKeys(target, members)),
    attempt([], () => readSelfService(target, directories)),
  ]);
  const judged = members.map((member) => planRow(member, bundleId, keys));
  const rows = plan ? await attempt(judged, () => lookAtSnapshots(input, fleet.at, judged)) : judged;
  const summary = summarize(input, { fleet, rows, agents, bundle, problems, notes, poolIds, selfService });
  return { summary, rows, agents, bundle };
}

/** Nobody can be warned while Systems Manager is down; that stops no rebuild. */
const noWarnings = (notes: string[]) => (message: string) =>
  void notes.push(`no user is warned, because Systems Manager does not answer: ${message}`);

/**
 * Runs a check: trouble that passes is waited out, other trouble is a problem of its own, and so is what lasts too long
 * unless `giveUp` takes it.
 */
function attempts(problems: Problem[]) {
  const permission = (message: string) => void problems.push({ code: 'permission', message });
  return async <T>(otherwise: T, check: (found: Problem[]) => Promise<T>, giveUp = permission): Promise<T> => {
    const most = giveUp === permission ? MOST_TRIES : TRIES_WITHOUT;
    for (let tries = 1; ; tries += 1) {
      // What a check found before it has to be made again, it finds again.
      const found: Problem[] = [];
      try {
        const result = await check(found);
        problems.push(...found);
        return result;
      } catch (error) {
        const trouble = troubleOf(error);
        if (!trouble) throw error;
        if (!trouble.passing || tries === most) {
          problems.push(...found);
          (trouble.passing ? giveUp : permission)(trouble.message);
          return otherwise;
        }
      }
      await sleep('30 seconds');
    }
  };
}

async function checkBundleAndImage(input: ImageUpgradeInput, problems: Problem[]): Promise<Bundle | null> {
  const { target, bundleId, imageId } = input;
  const where = `in ${target.account}/${target.region}`;
  const { bundle } = await workspacesCalls(target).describeBundle({ target, bundleId });
  const say = (code: Problem['code'], message: string): void => void problems.push({ code, message });
  if (!bundle) {
    say('bundle', `bundle ${bundleId} does not exist ${where}: give a custom bundle of this account and Region`);
  } else if (bundle.ownerAccount !== target.account) {
    say(
      'bundle',
      `bundle ${bundleId} belongs to ${bundle.ownerAccount ?? 'nobody'}: only a custom bundle of ${target.account} can be set to an image`,
    );
  } else if (bundle.state !== 'AVAILABLE') {
    say('bundle', `bundle ${bundleId} is ${bundle.state}: it must be AVAILABLE; wait, or mend it`);
  }
  const wanted = [...new Set([imageId, bundle?.imageId ?? imageId])];
  const images = await workspacesCalls(target).describeImages({ target, imageIds: wanted });
  const image = images.find((each) => each.imageId === imageId);
  const present = images.find((each) => each.imageId === bundle?.imageId);
  if (!image) {
    say('image', `image ${imageId} does not exist ${where}: give an image of this account and Region`);
  } else if (image.state !== 'AVAILABLE') {
    say(
      'image',
      `image ${imageId} is ${image.state}: it must be AVAILABLE; wait until AWS has made it, or make another`,
    );
  } else if (present && present.operatingSystem !== image.operatingSystem) {
    const [old, other] = [present.operatingSystem ?? 'unknown', image.operatingSystem ?? 'unknown'];
    say(
      'operatingSystem',
      `image ${imageId} is ${other}, the bundle’s present image ${present.imageId} is ${old}: they must be equal`,
    );
  }
  return bundle;
}

async function checkReport(input: ImageUpgradeInput, write: boolean, problems: Problem[]): Promise<void> {
  const { target, report } = input;
  const state = report.kmsKeyArn
    ? (await quickCalls.describeKey({ target, keyId: report.kmsKeyArn })).state
    : 'Enabled';
  const keyUsable = state === 'Enabled' || state === 'AccessDenied';
  if (!keyUsable) {
    const message = `the report key ${report.kmsKeyArn} is ${state}: give an enabled key, or none`;
    problems.push({ code: 'reportKey', message });
  }
  // With such a key a write fails whatever the bucket is like.
  const { problem } = await quickCalls.checkReportBucket({ target, report, write: write && keyUsable });
  if (problem) problems.push({ code: 'reportBucket', message: problem });
}

async function checkAfterwards(input: ImageUpgradeInput, problems: Problem[]): Promise<void> {
  const { deleteScheduleId, deleteStackName } = input.afterwards;
  if (deleteScheduleId !== null && !(await quickCalls.scheduleExists({ scheduleId: deleteScheduleId }))) {
    const message = `schedule ${deleteScheduleId} does not exist: give the one that starts this run, or none`;
    problems.push({ code: 'schedule', message });
  }
  const { target } = input;
  if (deleteStackName !== null && !(await quickCalls.stackExists({ target, stackName: deleteStackName }))) {
    const message = `stack ${deleteStackName} does not exist in ${target.account}/${target.region}: give its name, or none`;
    problems.push({ code: 'stack', message });
  }
}

const poolsProblem = ({ bundleId }: ImageUpgradeInput, poolIds: readonly string[]): Problem => ({
  code: 'pools',
  message: `WorkSpaces Pools use bundle ${bundleId} and would get the new image too: ${poolIds.join(', ')}; allow it with --pools-too, or give the Pools a bundle of their own`,
});

/** One call each; so many at once keep the limited queue busy. */
const LOOKS_AT_ONCE = 5;

async function lookAtSnapshots(input: ImageUpgradeInput, at: string, rows: readonly PlanRow[]): Promise<PlanRow[]> {
  const { target } = input;
  const deadline = Date.parse(at) + input.waitTimeoutMinutes * 60_000;
  const lane = new Lane(LOOKS_AT_ONCE);
  return await Promise.all(
    rows.map(async (row) => {
      if (row.verdict === 'skipped') return row;
      const look = () => workspacesCalls(target).describeSnapshots({ target, workspaceId: row.workspaceId });
      try {
        const { snapshots } = await lane.pass(look);
        return withSnapshot(row, newest(snapshots), deadline);
      } catch (error) {
        if (troubleOf(error)?.type !== 'NotFound') throw error;
        return { ...row, verdict: 'skipped', reason: { code: 'gone' } };
      }
    }),
  );
}

interface Findings {
  readonly fleet: Fleet;
  readonly rows: readonly PlanRow[];
  readonly agents: Agents;
  readonly bundle: Bundle | null;
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
  readonly poolIds: readonly string[];
  readonly selfService: readonly string[];
}

function summarize(input: ImageUpgradeInput, found: Findings): PlanSummary {
  const { fleet, rows, agents, bundle, problems, notes, poolIds, selfService } = found;
  const going = rows.filter((row) => row.verdict !== 'skipped');
  const counts = {
    selected: rows.length,
    eligible: rows.filter((row) => row.verdict === 'eligible').length,
    later: rows.filter((row) => row.verdict === 'later').length,
    skipped: rows.length - going.length,
    outsideSelection: fleet.outside.length,
    withoutWarning: going.filter((row) => !agents.online.has(bareName(row.computerName))).length,
    dueTooLate: rows.filter((row) => row.dueTooLate).length,
  };
  return {
    asOf: fleet.at,
    problems,
    notes: [...notes, ...notesOf(input, counts, selfService)],
    bundle: bundle && { id: bundle.bundleId, name: bundle.name, imageId: bundle.imageId ?? '' },
    previousImageId: bundle?.imageId ?? null,
    counts,
    outsideSelection: fleet.outside.map((member) => member.workspaceId),
    selfServiceDirectories: selfService,
    poolIds,
  };
}

function notesOf(input: ImageUpgradeInput, counts: PlanSummary['counts'], selfService: readonly string[]): string[] {
  const { bundleId, notifySeconds, waitTimeoutMinutes } = input;
  const notes: string[] = [];
  if (counts.outsideSelection > 0) {
    notes.push(
      `${counts.outsideSelection} WorkSpaces are on ${bundleId} without the tag: not touched, but they get the new image when anyone rebuilds them`,
    );
  }
  if (selfService.length > 0) {
    notes.push(
      `users of ${selfService.join(', ')} may rebuild their WorkSpaces themselves, and then get the new image at once`,
    );
  }
  if (notifySeconds === 0) notes.push('no user is warned: --notify-seconds is 0');
  else if (counts.withoutWarning > 0) {
    notes.push(
      `${counts.withoutWarning} users get no warning: no SSM agent of that computer name is online (AWS wants the agent off before an image is made)`,
    );
  }
  if (counts.dueTooLate > 0) {
    notes.push(
      `${counts.dueTooLate} WorkSpaces have their next snapshot due only after the wait of ${waitTimeoutMinutes} minutes and would time out`,
    );
  }
  return notes;
}
