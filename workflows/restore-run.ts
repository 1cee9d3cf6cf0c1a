/** One restore in one history: what it is given, what it knows, and how it waits. */
import { condition, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { FAILURES, type FailureType } from '../domain/errors.ts';
import type { ImageRestoreInput } from '../domain/image-restore.ts';
import type { RestoreCheck } from '../domain/restore-checks.ts';
import type { RestoreDesktop } from '../domain/restore-facts.ts';
import type { RestoreOutcome } from '../domain/restore-outcome.ts';
import { quickCalls } from './activities.ts';
import { troubleOf } from './failures.ts';
import type { RestoreBlocked, RestorePhase } from './image-restore.messages.ts';
import type { By, ReportFiles, SteeringLine } from '../domain/steering.ts';

export type RestoreStep =
  | 'check'
  | 'bundle'
  | 'canary'
  | 'approval'
  | 'lastImage'
  | 'lastLook'
  | 'act'
  | 'follow'
  | 'create'
  | 'putBack'
  | 'undo'
  | 'report'
  | 'done';

/** A WorkSpace that is being made; noted before it is asked for. */
export interface Making {
  readonly userName: string;
  workspaceId: string | null;
  /** AWS's time when it was last asked for; null: not yet, or AWS refused. */
  requestedAt: string | null;
  attempts: number;
}

/** What a restore has found out and made; carried over by continue-as-new. */
export interface RestoreState {
  /** The first run's: names of what it makes hold it. */
  readonly runId: string;
  step: RestoreStep;
  phase: RestorePhase;
  /** AWS's time, as last heard. */
  now: string;
  checks: readonly RestoreCheck[];
  /** The WorkSpace and its tags as they were when the checks were passed: what is put back. */
  before: RestoreDesktop | null;
  tags: Readonly<Record<string, string>>;
  /** Of the snapshot that AWS takes; null: none is used. */
  snapshotTime: string | null;
  bundle: { name: string; bundleId: string | null; attempt: number } | null;
  bundleKept: boolean;
  canary: Making | null;
  canaryUp: boolean;
  /** `started`: it was STOPPED, and is stopped again. */
  lastImage: { readonly name: string; imageId: string | null; done: boolean; started: boolean } | null;
  locked: boolean;
  approvedBy: By | null;
  approvalExpiresAt: string | null;
  /** The old WorkSpace may be gone or be changing: an abort waits. Set before the call. */
  committed: boolean;
  /** AWS's time of the destructive call; null: not made. */
  actedAt: string | null;
  /** The reply to the last one was lost. */
  unclear: boolean;
  /** Destructive calls made, those that never arrived not among them. */
  calls: number;
  sawActing: boolean;
  settledSince: string | null;
  /** `recreate` and `copy`. */
  making: Making | null;
  newWorkspaceId: string | null;
  notPutBack: string[];
  userTold: boolean;
  blocked: RestoreBlocked | null;
  retrying: string | null;
  aborted: (By & { readonly at: string }) | null;
  steering: SteeringLine[];
  outcome: RestoreOutcome | null;
  reason: string | null;
  report: ReportFiles | null;
}

export const newRestoreState = (): RestoreState => ({
  runId: workflowInfo().runId,
  step: 'check',
  phase: 'checking',
  now: '',
  checks: [],
  before: null,
  tags: {},
  snapshotTime: null,
  bundle: null,
  bundleKept: false,
  canary: null,
  canaryUp: false,
  lastImage: null,
  locked: false,
  approvedBy: null,
  approvalExpiresAt: null,
  committed: false,
  actedAt: null,
  unclear: false,
  calls: 0,
  sawActing: false,
  settledSince: null,
  making: null,
  newWorkspaceId: null,
  notPutBack: [],
  userTold: false,
  blocked: null,
  retrying: null,
  aborted: null,
  steering: [],
  outcome: null,
  reason: null,
  report: null,
});

export interface RestoreRun {
  readonly input: ImageRestoreInput;
  readonly state: RestoreState;
  /** Moves on whenever somebody says `resume`: what waits for a person goes on. */
  resumed: number;
}

/** The step is left where it is and begun again, in this history or the next, or given up. Each step can be begun again. */
export class Restarted extends Error {}

/** An abort takes effect between steps and in waits, as long as nothing was destroyed. */
export const isStopping = ({ state }: RestoreRun): boolean =>
  state.aborted !== null && !state.committed && state.outcome === null;

export const isLong = (): boolean => workflowInfo().continueAsNewSuggested;

/** @throws Restarted when the run is to stop or to go on in a new history */
export async function pause(run: RestoreRun, milliseconds: number): Promise<void> {
  if (isLong()) throw new Restarted();
  const before = run.resumed;
  const wait = Math.round(milliseconds);
  const woken = await condition(() => run.resumed !== before || isStopping(run), wait);
  if (!woken) heard(run, new Date(Date.parse(run.state.now || '1970-01-01T00:00:00Z') + wait).toISOString());
  if (isStopping(run)) throw new Restarted();
}

export function heard({ state }: RestoreRun, at: string): void {
  state.now = at;
}

const FIRST_PAUSE = 60_000;
export const LONGEST_PAUSE = 30 * 60_000;

/** Makes a call again until it gets through; for what does not pass by itself the run is blocked meanwhile. */
export async function persistently<T>(run: RestoreRun, send: () => Promise<T>): Promise<T> {
  for (let wait = FIRST_PAUSE; ; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
    try {
      const reply = await send();
      await unblock(run);
      return reply;
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      if (trouble.passing) retry(run, trouble.message);
      else await block(run, trouble.message, remedyOf(trouble.type));
    }
    await pause(run, wait);
  }
}

const remedyOf = (type: string): string =>
  type in FAILURES ? FAILURES[type as FailureType].remedy : `see what AWS says of ${type}`;

export function retry(run: RestoreRun, what: string): void {
  run.state.retrying = what;
  setHealth(run);
}

/** A person must act. It is told once; what stands in the way may be another thing by and by. */
export async function block(run: RestoreRun, cause: string, remedy: string): Promise<void> {
  const { state, input } = run;
  const isNew = state.blocked === null;
  state.blocked = { cause, remedy, since: state.blocked?.since ?? state.now };
  state.retrying = null;
  setHealth(run);
  if (!isNew) return;
  const stranded = state.committed && input.strategy === 'recreate' ? 'Its user has no desktop at present. ' : '';
  await tellOperators(
    run,
    `Restore of ${input.workspaceId} needs a person`,
    `${stranded}${cause}\nWhat to do: ${remedy}\nIt is tried again by itself now and then, and at once with: holdfast restore resume`,
  );
}

export async function unblock(run: RestoreRun): Promise<void> {
  const { state } = run;
  if (state.blocked === null && state.retrying === null) return;
  state.blocked = null;
  state.retrying = null;
  setHealth(run);
}

function setHealth(run: RestoreRun): void {
  const { blocked, retrying } = run.state;
  upsertSearchAttributes({ HoldfastHealth: [blocked ? 'blocked' : retrying ? 'retrying' : 'ok'] });
  show(run);
}

export function enter(run: RestoreRun, phase: RestorePhase): void {
  if (run.state.phase === phase) return;
  run.state.phase = phase;
  upsertSearchAttributes({ HoldfastPhase: [phase] });
  show(run);
}

export function show({ input, state }: RestoreRun): void {
  const { phase, blocked, retrying, newWorkspaceId, outcome } = state;
  setCurrentDetails(
    [
      `Restore of \`${input.workspaceId}\` by \`${input.strategy}\`: **${outcome ?? phase}**`,
      ...(blocked ? [`**Blocked** since ${blocked.since}: ${blocked.cause}`, `What to do: ${blocked.remedy}`] : []),
      ...(retrying ? [`Tried again: ${retrying}`] : []),
      ...(newWorkspaceId ? [`The new WorkSpace is \`${newWorkspaceId}\``] : []),
    ].join('\n\n'),
  );
}

/** The run ends so, once what it made is removed. */
export function giveUp({ state }: RestoreRun, outcome: RestoreOutcome, reason: string): void {
  state.outcome = outcome;
  state.reason = reason;
  state.committed = false;
  state.step = 'undo';
}

export function note(run: RestoreRun, what: string, { by, reason }: By, answer: string): void {
  run.state.steering.push({ at: run.state.now, what, by, reason, answer });
}

/** What people must know; that it did not reach them is told in the report, and stops nothing. */
export async function tellOperators(run: RestoreRun, subject: string, message: string): Promise<void> {
  const { target, operatorTopicArn: topicArn } = run.input;
  if (topicArn === null) return;
  const { workflowId } = workflowInfo();
  try {
    await quickCalls.publish({ target, topicArn, subject: subject.slice(0, 99), message: `${message}\n${workflowId}` });
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    note(run, 'tell operators', { by: null, reason: subject }, `not told: ${trouble.message}`);
  }
}
