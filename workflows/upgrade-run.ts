/** One upgrade in one history: what it is given, what it knows, and what it has its cohorts do. */
import { allHandlersFinished, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { CohortAnswer, CohortCommand, CohortSteering } from '../domain/cohort-steering.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { PhaseCounts } from '../domain/upgrade-row.ts';
import type { PlanSummary } from '../domain/upgrade-plan.ts';
import type { WindowRule } from '../domain/windows.ts';
import { cohortCalls } from './activities.ts';
import { Cohorts, type CohortRecord } from './cohorts.ts';
import type {
  By,
  Halt,
  ImageUpgradeResult,
  ImageUpgradeStatus,
  ReportFiles,
  SteeringLine,
} from './image-upgrade.messages.ts';
import type { OneByOne } from './one-by-one.ts';
import { toldOperators } from './operators.ts';
import { detailsOf } from './status-text.ts';

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
  /** AWS's time; null: it does not wait for approval. */
  approvalExpiresAt: string | null;
  /** Who approved the plan; null: nobody, yet or at all. */
  approved: By | null;
  halt: Halt | null;
  /** The last wave that may be rebuilt, from 0, and when each wave began and ended: AWS's times. */
  openWave: number;
  waveTimes: { readonly beganAt: string; endedAt: string | null }[];
  soakEndsAt: string | null;
  /** What may be changed while it runs. */
  maxConcurrent: number;
  maxFailures: string | null;
  windows: readonly WindowRule[];
  /** Failures, and all that had finished, when a person resumed a run that was held: these are accepted. */
  accepted: { readonly failed: number; readonly finished: number };
  /** The image that the bundle was last set to, or may have been. */
  bundleSetTo: string | null;
  /** Nobody heard of the end of the last call: it may carry the image before. */
  bundleUnclear: boolean;
  /** AWS refused to set it back; null: it did not. */
  setBackRefused: string | null;
  steering: SteeringLine[];
  /** What was rebuilt is to be rebuilt onto the previous image; then the workflow that does it. */
  rollback: {
    /** The bundle is to go back though the run was aborted. */
    bundle: boolean;
    wanted: boolean;
    workflowId: string | null;
    result: ImageUpgradeResult['rollback'];
  };
  /** How many were blocked when people were last told. */
  blockedTold: number;
  /** The cohorts were told to finish. */
  finishing: boolean;
  /** AWS's time, as last told. */
  now: string;
  retrying: string | null;
  /** `HoldfastHealth`, as last set. */
  health: string;
  report: ReportFiles | null;
}

export const newState = (input: ImageUpgradeInput): RunState => ({
  runId: workflowInfo().runId,
  phase: 'preflight',
  plan: null,
  skipped: 0,
  cohorts: [],
  aborted: null,
  approvalExpiresAt: null,
  approved: null,
  halt: null,
  openWave: 0,
  waveTimes: [],
  soakEndsAt: null,
  maxConcurrent: input.maxConcurrent,
  maxFailures: input.waves.maxFailures,
  windows: input.windows,
  accepted: { failed: 0, finished: 0 },
  bundleSetTo: null,
  bundleUnclear: false,
  setBackRefused: null,
  steering: [],
  rollback: { bundle: false, wanted: false, workflowId: null, result: null },
  blockedTold: 0,
  finishing: false,
  now: '',
  retrying: null,
  health: 'ok',
  report: null,
});

export interface Run {
  readonly input: ImageUpgradeInput;
  readonly state: RunState;
  /** Steering is done one after the other: a pause and a resume must not overtake each other. */
  readonly oneByOne: OneByOne;
  /** It was cancelled, and the abort that follows is not answered yet. */
  cancelling: boolean;
}

/** Nobody waits for an answer any more, and no cancellation for its abort. */
export const allAnswered = (run: Run): boolean => allHandlersFinished() && !run.cancelling;

export const cohortsOf = ({ state }: Run): Cohorts => new Cohorts(state.cohorts, state.maxConcurrent);

export const wavesOf = ({ state }: Run): number => Math.max(1, state.plan?.waves.length ?? 1);

export const countsOf = (run: Run): PhaseCounts => {
  const counts = cohortsOf(run).counts;
  return { ...counts, skipped: counts.skipped + run.state.skipped };
};

export const steeringOf = ({ state }: Run): CohortSteering => ({
  wave: state.openWave,
  halted: state.halt !== null,
  windows: state.windows,
});

/** Has every cohort do it; their answers. */
export async function steer(run: Run, command: CohortCommand): Promise<readonly CohortAnswer[]> {
  const cohorts = cohortsOf(run).running;
  if (cohorts.length === 0) return [];
  const { answers } = await cohortCalls.steerCohorts({ cohorts, command });
  for (const [index, id] of cohorts.entries()) if (answers[index]?.ended) cohortsOf(run).lose(id);
  return answers;
}

/** The cohorts are told who may begin as it stands now. */
export async function steerAll(run: Run): Promise<void> {
  show(run);
  // They tell anew when all is quiet.
  for (const record of run.state.cohorts) record.quiet = false;
  await steer(run, { command: 'set', steering: steeringOf(run) });
}

export function enter(run: Run, phase: RunState['phase']): void {
  run.state.phase = phase;
  upsertSearchAttributes({ HoldfastPhase: [phase] });
  show(run);
}

/** What the Temporal UI shows of it. */
export function show(run: Run): void {
  const { state, input } = run;
  const counts = countsOf(run);
  const waits = state.halt?.kind === 'held' || state.phase === 'awaitingApproval' || counts.blocked > 0;
  const health = waits ? 'blocked' : state.retrying === null ? 'ok' : 'retrying';
  // Each time is an event of the history.
  if (health !== state.health) upsertSearchAttributes({ HoldfastHealth: [health] });
  state.health = health;
  setCurrentDetails(detailsOf(counts, input, state));
}

/** Notes what a person did; the answer goes to them too. */
export function note({ state }: Run, what: string, { by, reason }: By, answer: string): { readonly answer: string } {
  state.steering.push({ at: state.now, what, by, reason, answer });
  return { answer };
}

/** Tells the people in charge that they are needed. What cannot be told so still stands in the status and the report. */
export async function tellOperators(run: Run, subject: string, message: string): Promise<void> {
  const trouble = await toldOperators(run.input, subject, message);
  if (trouble !== null) note(run, 'tell operators', { by: null, reason: subject }, `not told: ${trouble}`);
}
