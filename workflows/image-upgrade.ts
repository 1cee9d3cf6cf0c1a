/** Upgrades the WorkSpaces of one bundle to a new image: the runbook. */
import {
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  continueAsNew,
  ParentClosePolicy,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { newRow, type Row, type RowSeed } from '../domain/upgrade-row.ts';
import { namedShortly } from '../domain/plan-limits.ts';
import { searchAttributesOf } from '../domain/search-attributes.ts';
import type { PlanSummary, Problem } from '../domain/upgrade-plan.ts';
import { quickCalls } from './activities.ts';
import { awaitApproval } from './approval.ts';
import { abortCohort, finishCohorts, grantTurns, lookAfter, resizeCap } from './cohort-signals.ts';
import { newCohort } from './cohorts.ts';
import { chunks } from './fleet-reading.ts';
import { hold, needsHold, needsSettingBack } from './hold.ts';
import type { imageUpgradeCohort } from './image-upgrade-cohort.ts';
import { preflight, toSeed } from './image-upgrade-preflight.ts';
import type { ImageUpgradeResult } from './image-upgrade.messages.ts';
import { validInput } from './input.ts';
import { OneByOne } from './one-by-one.ts';
import { answerMessages } from './run-messages.ts';
import { isSetToNew, setBack, setToNew } from './run-bundle.ts';
import { keepImage } from './set-bundle.ts';
import { tidyUp } from './tidy-up.ts';
import { abortWhenCancelled } from './upgrade-cancelled.ts';
import { reportSkipped, writeReport } from './upgrade-report.ts';
import {
  allAnswered,
  cohortsOf,
  countsOf,
  enter,
  newState,
  steerAll,
  steeringOf,
  tellOperators,
  wavesOf,
  type Run,
  type RunState,
} from './upgrade-run.ts';
import { beginSoak, isWaveOver, nextWave, soakLeft } from './wave-progress.ts';

/** A looks call serves 25 WorkSpaces and a tick serves a whole cohort, so larger ones are cheaper; a history bears this many. */
const COHORT_SIZE = 400;

/** So many cohorts of an earlier run are asked after at once. */
const COHORTS_A_LOOK = 10;

/** How often cohorts are looked after that tell nothing. */
const LOOK_AFTER_COHORTS = 2 * 3_600_000;

/** So long a history that is to end waits for its handlers before it goes on with its other work. */
const HANDLERS_HAVE = '10 minutes';

export interface ImageUpgradeOptions {
  /** Histories go on in new ones after so many events; 0: when Temporal suggests it. @default 0 */
  readonly continueAfterEvents?: number;
  /** @default 400 */
  readonly cohortSize?: number;
  /** The run goes on from here. */
  readonly state?: RunState;
}

export async function imageUpgrade(
  raw: ImageUpgradeInput,
  options: ImageUpgradeOptions = {},
): Promise<ImageUpgradeResult> {
  // Judged once: what was good when the run began stays so.
  const input = options.state ? raw : validInput(raw);
  const run: Run = { input, state: options.state ?? newState(input), oneByOne: new OneByOne(), cancelling: false };
  answerMessages(run);
  abortWhenCancelled(run);
  return await CancellationScope.nonCancellable(async () => await goThrough(run, options));
}

async function goThrough(run: Run, options: ImageUpgradeOptions): Promise<ImageUpgradeResult> {
  if (!options.state) {
    const checked = await check(run);
    const refused = checked.problems.length > 0 ? checked.problems : await begin(run, checked);
    if (refused.length > 0) return await refuse(run, refused);
    await reportSkipped(run, checked.skipped);
    await startCohorts(run, checked, options);
  }
  await followCohorts(run, options);
  // An abort that is being answered has still to say what is wanted.
  await condition(() => allAnswered(run));
  await writeReport(run);
  await tellEnd(run);
  const result = await resultOf(run);
  await condition(() => allAnswered(run));
  return result;
}

interface Checked {
  readonly problems: readonly Problem[];
  readonly rows: readonly RowSeed[];
  readonly skipped: readonly Row[];
}

async function check(run: Run): Promise<Checked> {
  const { input, state } = run;
  enter(run, 'preflight');
  const { summary, rows, agents } = await preflight(input, { plan: false });
  state.plan = summary;
  state.now = summary.asOf;
  const going = rows.filter((row) => row.verdict !== 'skipped');
  const leftOut = rows.filter((row) => row.verdict === 'skipped');
  return {
    problems: [...summary.problems, ...(await leftOvers())],
    rows: going.map((row) => toSeed(row, agents)),
    skipped: leftOut.map((row) => {
      return { ...newRow(toSeed(row, agents)), step: 'done', outcome: 'skipped', reason: row.reason };
    }),
  };
}

/** What changes something before the first rebuild: only with approval, and only when there is anything to rebuild. */
async function begin(run: Run, { rows }: Checked): Promise<readonly Problem[]> {
  const { input, state } = run;
  if (rows.length === 0) return [];
  const unapproved = input.approval.required ? await awaitApproval(run) : null;
  if (unapproved) return [unapproved];
  const { previousImageId = null } = state.plan ?? {};
  if (previousImageId === input.imageId || state.aborted) return [];
  if (previousImageId !== null && state.plan?.rollback.possible) {
    const why = await keepImage(input, previousImageId);
    if (why !== null) return [{ code: 'permission', message: why }];
  }
  const refused = await setToNew(run);
  if (refused === null) return [];
  const unclear = isSetToNew(run) ? '; a call before may have set it all the same: look which image it carries' : '';
  return [{ code: 'bundle', message: `${refused}${unclear}` }];
}

/** A run that was ended by force leaves cohorts that follow their rebuilds to the end; two must not meet on one fleet. */
async function leftOvers(): Promise<Problem[]> {
  const running: string[] = [];
  // How many that run had is not known: some may have ended long ago, but not so many in a row before one that lives on.
  for (let first = 0, isKnown = true; isKnown; first += COHORTS_A_LOOK) {
    const ids = Array.from({ length: COHORTS_A_LOOK }, (_, n) => cohortId(first + n));
    const { ended, unknown } = await quickCalls.endedRuns({ workflowIds: ids });
    running.push(...ids.filter((id) => !ended.includes(id)));
    isKnown = unknown.length < ids.length;
  }
  if (running.length === 0) return [];
  const message = `an earlier run of this bundle was ended by force and still follows its rebuilds: ${namedShortly(running)}; wait until they have ended`;
  return [{ code: 'cohorts', message }];
}

const cohortId = (index: number): string => `${workflowInfo().workflowId}/cohort-${index + 1}`;

async function startCohorts(run: Run, { rows }: Checked, options: ImageUpgradeOptions): Promise<void> {
  const { state } = run;
  const parts = chunks(rows, options.cohortSize ?? COHORT_SIZE);
  // Several cohorts ask for turns when they want some.
  const turns = parts.length > 1 ? 0 : state.maxConcurrent;
  state.waveTimes = [{ beganAt: state.now, endedAt: null }];
  for (const [index, part] of parts.entries()) {
    const steering = steeringOf(run);
    await startCohort(run, { index, part, turns, of: parts.length, options });
    // Paused, resumed or changed while it was being started, when it was not known yet.
    if (JSON.stringify(steering) !== JSON.stringify(steeringOf(run))) await run.oneByOne.do(() => steerAll(run));
  }
  await resizeCap(cohortsOf(run));
  enter(run, 'upgrading');
}

interface CohortStart {
  readonly index: number;
  readonly part: readonly RowSeed[];
  readonly turns: number;
  readonly of: number;
  readonly options: ImageUpgradeOptions;
}

async function startCohort(run: Run, { index, part, turns, of, options }: CohortStart): Promise<void> {
  const { input, state } = run;
  const id = cohortId(index);
  const aborted = state.aborted !== null;
  const record = newCohort(id, part, turns, wavesOf(run));
  state.cohorts.push(record);
  const child = await startChild<typeof imageUpgradeCohort>('imageUpgradeCohort', {
    workflowId: id,
    args: [
      {
        // Lists of ids would be carried by every cohort, and have done their work.
        settings: {
          ...input,
          selection: { ...input.selection, workspaceIds: [] },
          waves: { ...input.waves, canary: null },
        },
        root: workflowInfo().workflowId,
        runId: state.runId,
        rows: part,
        steering: steeringOf(run),
        waves: wavesOf(run),
        turns,
        shared: of > 1,
        now: state.now,
        deadline: new Date(Date.parse(state.now) + input.waitTimeoutMinutes * 60_000).toISOString(),
        aborted,
        skips: [],
        unwantedLocks: [],
        finish: false,
        continueAfterEvents: options.continueAfterEvents ?? 0,
      },
    ],
    // It lives on when this run goes on in a new history, and is found again by its id.
    parentClosePolicy: ParentClosePolicy.ABANDON,
    // Nor does it end with this run: rebuilds under way are followed.
    cancellationType: ChildWorkflowCancellationType.ABANDON,
    searchAttributes: searchAttributesOf(input),
    staticSummary: `${part.length} WorkSpaces of ${input.bundleId}`,
  });
  record.started = true;
  child.result().catch(async () => {
    cohortsOf(run).lose(id);
    await grantTurns(cohortsOf(run));
  });
  // Aborted while it was being started, when it was not known yet.
  if (state.aborted && !aborted) await abortCohort(cohortsOf(run), id);
}

/** Something that the run itself has to do, besides waiting; null: nothing. */
function nextAct(run: Run): ((run: Run) => Promise<void>) | null {
  if (needsHold(run)) return hold;
  if (needsSettingBack(run)) return setBack;
  if (isWaveOver(run)) return beginSoak;
  if (countsOf(run).blocked !== run.state.blockedTold) return tellBlocked;
  const decided = run.state.halt?.kind !== 'held' || run.state.aborted !== null;
  if (cohortsOf(run).allSettled && decided && !run.state.finishing) return finish;
  return null;
}

async function tellBlocked(run: Run): Promise<void> {
  const { state, input } = run;
  const { blocked } = countsOf(run);
  const before = state.blockedTold;
  state.blockedTold = blocked;
  if (blocked <= before) return;
  const message = 'See why and what to do with: holdfast upgrade status. Then: holdfast upgrade resume';
  await tellOperators(run, `${blocked} WorkSpaces of ${input.bundleId} are blocked`, message);
}

async function finish(run: Run): Promise<void> {
  run.state.finishing = true;
  await finishCohorts(cohortsOf(run));
}

async function followCohorts(run: Run, options: ImageUpgradeOptions): Promise<void> {
  const { input, state } = run;
  const cohorts = () => cohortsOf(run);
  const isLong = (): boolean =>
    workflowInfo().continueAsNewSuggested ||
    ((options.continueAfterEvents ?? 0) > 0 && workflowInfo().historyLength >= (options.continueAfterEvents ?? 0));
  while (!cohorts().allEnded) {
    const soak = soakLeft(run);
    const isNeeded = (): boolean => cohorts().allEnded || isLong() || nextAct(run) !== null;
    const woken = await condition(isNeeded, Math.min(soak ?? Infinity, LOOK_AFTER_COHORTS));
    // A handler may wait for what this loop has to find out, such as a cohort that was terminated.
    if (isLong() && (await condition(() => allAnswered(run), HANDLERS_HAVE))) {
      await continueAsNew<typeof imageUpgrade>(input, { ...options, state });
    }
    // Chosen when its turn has come: what people have steered meanwhile is done by then.
    if (nextAct(run)) await run.oneByOne.do(async () => await nextAct(run)?.(run));
    else if (!woken && soak !== null && soak <= LOOK_AFTER_COHORTS) await run.oneByOne.do(() => nextWave(run));
    else if (!woken) await lookAfter(cohorts());
  }
}

async function tellEnd(run: Run): Promise<void> {
  const { state, input } = run;
  if (state.cohorts.length === 0) return;
  const counts = Object.entries(countsOf(run)).filter(([, count]) => count > 0);
  const summary = counts.map(([phase, count]) => `${phase}: ${count}`).join(', ');
  await tellOperators(run, `Upgrade of ${input.bundleId} has ended: ${outcomeOf(run)}`, summary);
}

async function refuse(run: Run, problems: readonly Problem[]): Promise<ImageUpgradeResult> {
  const { state } = run;
  if (state.plan) state.plan = { ...state.plan, problems };
  enter(run, 'refused');
  upsertSearchAttributes({ HoldfastOutcome: ['refused'] });
  await condition(() => allAnswered(run));
  return { ...answerOf(run, []), outcome: 'refused' };
}

async function resultOf(run: Run): Promise<ImageUpgradeResult> {
  const afterwards = await tidyUp(run.input);
  enter(run, 'done');
  upsertSearchAttributes({ HoldfastOutcome: [outcomeOf(run)] });
  return answerOf(run, afterwards);
}

function answerOf(run: Run, afterwards: readonly string[]): ImageUpgradeResult {
  const { state } = run;
  return {
    outcome: outcomeOf(run),
    plan: state.plan as PlanSummary,
    counts: countsOf(run),
    previousImageId: state.plan?.previousImageId ?? null,
    bundleSetTo: state.bundleSetTo,
    rollback: state.rollback.result,
    report: state.report,
    afterwards,
  };
}

function outcomeOf(run: Run): ImageUpgradeResult['outcome'] {
  const { state } = run;
  const counts = countsOf(run);
  if (state.aborted) return 'aborted';
  if (state.cohorts.length === 0) return 'nothingToDo';
  const failed = counts.rebuildFailed + counts.rebuildUnconfirmed + counts.timedOutWaiting;
  return failed > 0 || state.cohorts.some((cohort) => cohort.lost) ? 'partiallyFailed' : 'completed';
}
