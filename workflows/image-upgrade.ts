/** Upgrades the WorkSpaces of one bundle to a new image: the runbook. */
import {
  allHandlersFinished,
  ApplicationFailure,
  ChildWorkflowCancellationType,
  condition,
  continueAsNew,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { newRow, type ImageUpgradeInput, type PhaseCounts, type Row } from '../domain/image-upgrade.ts';
import { searchAttributesOf } from '../domain/search-attributes.ts';
import type { PlanRow, PlanSummary, Problem } from '../domain/upgrade-plan.ts';
import { quickCalls, reports } from './activities.ts';
import { abortCohort, grantTurns, lookAfter } from './cohort-signals.ts';
import { Cohorts, newCohort, shareTurns, type CohortRecord } from './cohorts.ts';
import { bareName, chunks } from './fleet-reading.ts';
import type { imageUpgradeCohort } from './image-upgrade-cohort.ts';
import { preflight } from './image-upgrade-preflight.ts';
import {
  abortUpdate,
  cohortProgressSignal,
  statusQuery,
  type AbortAnswer,
  type ImageUpgradeResult,
  type ImageUpgradeStatus,
  type ReportFiles,
} from './image-upgrade.messages.ts';
import { validInput } from './input.ts';
import { tidyUp } from './tidy-up.ts';
import { passOverRefusal, untilWritten } from './report-writing.ts';
import { setBundle } from './set-bundle.ts';
import { detailsOf } from './status-text.ts';

/** A looks call serves 25 WorkSpaces and a tick serves a whole cohort, so larger ones are cheaper; a history bears this many. */
const COHORT_SIZE = 250;

/** How often cohorts are looked after that tell nothing. */
const LOOK_AFTER_COHORTS = '2 hours';

/** Rows of WorkSpaces that are not touched go to the report in parts of this size. */
const PART_SIZE = 250;

/** What a run has found out and begun; carried over by continue-as-new. */
export interface RunState {
  /** The first run's, which names the parts of the report. */
  readonly runId: string;
  phase: ImageUpgradeStatus['phase'];
  plan: PlanSummary | null;
  /** WorkSpaces that the preflight left out. */
  skipped: number;
  cohorts: CohortRecord[];
  aborted: { readonly reason: string | null; readonly at: string } | null;
  /** AWS's time, as last told. */
  now: string;
  retrying: string | null;
  report: ReportFiles | null;
}

export interface ImageUpgradeOptions {
  /** Histories go on in new ones after so many events; 0: when Temporal suggests it. @default 0 */
  readonly continueAfterEvents?: number;
  /** @default 250 */
  readonly cohortSize?: number;
  /** The run goes on from here. */
  readonly state?: RunState;
}

/** A run in one history: what it is given, and what it knows. */
interface Run {
  readonly input: ImageUpgradeInput;
  readonly options: ImageUpgradeOptions;
  readonly state: RunState;
}

export async function imageUpgrade(
  raw: ImageUpgradeInput,
  options: ImageUpgradeOptions = {},
): Promise<ImageUpgradeResult> {
  const run: Run = { input: validInput(raw), options, state: options.state ?? newState() };
  answerMessages(run);
  if (!options.state) {
    const checked = await check(run);
    if (checked.problems.length > 0) return refuse(run, checked.problems);
    const isWanted = checked.rows.length > 0 && run.state.plan?.previousImageId !== run.input.imageId;
    const refused = isWanted ? await setBundle(run.input, run.state) : null;
    if (refused) return refuse(run, [refused]);
    await startCohorts(run, checked);
  }
  await followCohorts(run);
  await writeReport(run);
  const result = resultOf(run, await tidyUp(run.input));
  await condition(allHandlersFinished);
  return result;
}

const newState = (): RunState => ({
  runId: workflowInfo().runId,
  phase: 'preflight',
  plan: null,
  skipped: 0,
  cohorts: [],
  aborted: null,
  now: '',
  retrying: null,
  report: null,
});

const cohortsOf = ({ input, state }: Run): Cohorts => new Cohorts(state.cohorts, input.maxConcurrent);

const countsOf = (run: Run): PhaseCounts => {
  const counts = cohortsOf(run).counts;
  return { ...counts, skipped: counts.skipped + run.state.skipped };
};

function enter(run: Run, phase: RunState['phase']): void {
  run.state.phase = phase;
  upsertSearchAttributes({ HoldfastPhase: [phase] });
  setCurrentDetails(detailsOf(countsOf(run), run.input));
}

function answerMessages(run: Run): void {
  const { input, state } = run;
  setHandler(statusQuery, () => ({
    phase: state.phase,
    input,
    plan: state.plan,
    counts: countsOf(run),
    cohorts: state.cohorts.map((cohort) => cohort.id),
    aborted: state.aborted !== null,
    retrying: state.retrying,
    startedAt: state.plan?.asOf ?? null,
    report: state.report,
  }));
  setHandler(cohortProgressSignal, async (progress) => {
    cohortsOf(run).heard(progress);
    if (progress.at > state.now) state.now = progress.at;
    setCurrentDetails(detailsOf(countsOf(run), input));
    await grantTurns(cohortsOf(run));
  });
  setHandler(abortUpdate, async ({ reason }) => await abort(run, reason), {
    validator: (_request: { readonly reason: string | null }) => {
      if (state.phase === 'preflight' || state.phase === 'upgrading') return;
      throw ApplicationFailure.nonRetryable(`nothing can be aborted: the run is ${state.phase}`, 'WrongState');
    },
  });
}

async function abort(run: Run, reason: string | null): Promise<AbortAnswer> {
  const { state } = run;
  state.aborted ??= { reason, at: state.now };
  for (const cohort of state.cohorts) {
    if (!cohort.done && !cohort.lost) await abortCohort(cohortsOf(run), cohort.id);
  }
  await condition(() => state.phase !== 'preflight' && cohortsOf(run).allAborted);
  const counts = countsOf(run);
  return { followed: counts.rebuilding, notRebuilt: counts.aborted };
}

interface Checked {
  readonly problems: readonly Problem[];
  readonly rows: readonly Row[];
  readonly skipped: readonly Row[];
}

async function check(run: Run): Promise<Checked> {
  const { input, state } = run;
  enter(run, 'preflight');
  const { summary, rows, agents } = await preflight(input, { plan: false });
  state.plan = summary;
  state.now = summary.asOf;
  const toRow = (row: PlanRow): Row => ({
    ...newRow({ ...row, instanceIds: agents.byComputer.get(bareName(row.computerName)) ?? [] }),
    reason: row.reason,
  });
  const ended = (row: Row): Row => ({ ...row, step: 'done', outcome: 'skipped' });
  const going = rows.filter((row) => row.verdict !== 'skipped');
  return {
    problems: [...summary.problems, ...(await leftOvers(run, going.length))],
    rows: going.map(toRow),
    skipped: rows.filter((row) => row.verdict === 'skipped').map((row) => ended(toRow(row))),
  };
}

/** A run that was ended by force leaves cohorts that follow their rebuilds to the end; two must not meet on one fleet. */
async function leftOvers({ options }: Run, count: number): Promise<Problem[]> {
  const ids = Array.from({ length: Math.ceil(count / (options.cohortSize ?? COHORT_SIZE)) }, (_, n) => cohortId(n));
  const { ended } = await quickCalls.endedRuns({ workflowIds: ids });
  const running = ids.filter((id) => !ended.includes(id));
  if (running.length === 0) return [];
  const message = `an earlier run of this bundle was ended by force and still follows its rebuilds: ${running.join(', ')}; wait until they have ended`;
  return [{ code: 'cohorts', message }];
}

const cohortId = (index: number): string => `${workflowInfo().workflowId}/cohort-${index + 1}`;

async function startCohorts(run: Run, { rows, skipped }: Checked): Promise<void> {
  const { input, options, state } = run;
  const deadline = new Date(Date.parse(state.now) + input.waitTimeoutMinutes * 60_000).toISOString();
  const parts = chunks(rows, options.cohortSize ?? COHORT_SIZE);
  const turns = shareTurns(input.maxConcurrent, parts.length);
  for (const [index, part] of parts.entries()) {
    const id = cohortId(index);
    const cohort = newCohort(id, part, turns[index] ?? 0);
    const aborted = state.aborted !== null;
    const child = await startChild<typeof imageUpgradeCohort>('imageUpgradeCohort', {
      workflowId: id,
      args: [
        {
          settings: input,
          root: workflowInfo().workflowId,
          runId: state.runId,
          rows: part,
          turns: cohort.turns,
          shared: parts.length > 1,
          now: state.now,
          deadline,
          aborted,
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
    state.cohorts.push(cohort);
    child.result().catch(async () => {
      cohortsOf(run).lose(id);
      await grantTurns(cohortsOf(run));
    });
    // Aborted while it was being started, when it was not known yet.
    if (state.aborted && !aborted) await abortCohort(cohortsOf(run), id);
  }
  state.skipped = skipped.length;
  enter(run, 'upgrading');
  for (const [index, part] of chunks(skipped, PART_SIZE).entries()) {
    await written(run, () => reports.putReportPart({ place: placeOf(run), part: `skipped-${index}`, rows: part }));
  }
}

const placeOf = ({ input, state }: Run) => ({ target: input.target, report: input.report, runId: state.runId });

const written = async <T>({ state }: Run, send: () => Promise<T>): Promise<T> =>
  await untilWritten(send, (trouble) => (state.retrying = trouble));

async function followCohorts(run: Run): Promise<void> {
  const { input, options, state } = run;
  const cohorts = cohortsOf(run);
  const isLong = (): boolean =>
    workflowInfo().continueAsNewSuggested ||
    ((options.continueAfterEvents ?? 0) > 0 && workflowInfo().historyLength >= (options.continueAfterEvents ?? 0));
  while (!cohorts.allEnded) {
    await condition(() => cohorts.allEnded || isLong(), LOOK_AFTER_COHORTS);
    if (cohorts.allEnded) return;
    if (isLong()) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof imageUpgrade>(input, { ...options, state });
    }
    await lookAfter(cohorts);
  }
}

async function writeReport(run: Run): Promise<void> {
  const { input, state } = run;
  enter(run, 'reporting');
  const place = placeOf(run);
  const head = {
    run: { workflowId: workflowInfo().workflowId, runId: state.runId },
    input,
    previousImageId: state.plan?.previousImageId ?? null,
    startedAt: state.plan?.asOf ?? state.now,
    endedAt: state.now,
    aborted: state.aborted,
  };
  state.report = await written(run, () => reports.mergeReport({ place, head }));
  await written(run, () => reports.removeReportParts({ place }).catch(passOverRefusal));
}

function refuse(run: Run, problems: readonly Problem[]): ImageUpgradeResult {
  const { state } = run;
  if (state.plan) state.plan = { ...state.plan, problems };
  enter(run, 'refused');
  upsertSearchAttributes({ HoldfastOutcome: ['refused'] });
  return { ...resultOf(run, []), outcome: 'refused' };
}

function resultOf(run: Run, afterwards: readonly string[]): ImageUpgradeResult {
  const { state } = run;
  const counts = countsOf(run);
  const outcome = outcomeOf(state, counts);
  if (state.phase !== 'refused') {
    enter(run, 'done');
    upsertSearchAttributes({ HoldfastOutcome: [outcome] });
  }
  return {
    outcome,
    plan: state.plan as PlanSummary,
    counts,
    previousImageId: state.plan?.previousImageId ?? null,
    report: state.report,
    afterwards,
  };
}

function outcomeOf(state: RunState, counts: PhaseCounts): ImageUpgradeResult['outcome'] {
  if (state.aborted) return 'aborted';
  if (state.cohorts.length === 0) return 'nothingToDo';
  const failed = counts.rebuildFailed + counts.rebuildUnconfirmed + counts.timedOutWaiting;
  return failed > 0 || state.cohorts.some((cohort) => cohort.lost) ? 'partiallyFailed' : 'completed';
}
