/** One restore in one history: what it is given, what it knows, and how it waits. */
import {
  condition,
  getExternalWorkflowHandle,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { FAILURES, type FailureType } from '../domain/errors.ts';
import type { ImageRestoreInput } from '../domain/image-restore.ts';
import type { RestoreCheck } from '../domain/restore-checks.ts';
import type { RestoreDesktop } from '../domain/restore-facts.ts';
import type { RestoreOutcome } from '../domain/restore-outcome.ts';
import { troubleOf, type Trouble } from './failures.ts';
import { restoreBlockedSignal } from './image-restore-fleet.messages.ts';
import type { RestoreBlocked, RestorePhase } from './image-restore.messages.ts';
import { toldOperators } from './operators.ts';
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

type Hindrance = 'call' | 'step';

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
  /** AWS's time of the destructive call, the first one of several terminations; null: not made. */
  actedAt: string | null;
  /** The reply to the last one was lost, and it may be made again. */
  unclear: boolean;
  /** Destructive calls that may have been taken: as long as there are any, nothing is given up as not begun. */
  calls: number;
  /** AWS's time of the last one. */
  calledAt: string | null;
  /** When the last look began, by the workflow's clock. */
  lookedAt: number;
  /** AWS's times of the first look after it, and of the last one; null: none yet. */
  looks: { readonly first: string; readonly last: string } | null;
  sawActing: boolean;
  settledSince: string | null;
  /** `recreate` and `copy`. */
  making: Making | null;
  newWorkspaceId: string | null;
  notPutBack: string[];
  userTold: boolean;
  blocked: RestoreBlocked | null;
  retrying: string | null;
  /** What made it blocked or retrying; only that takes it back. `call`: one call that does not get through. */
  hinderedBy: Hindrance | null;
  /** What operators were told to do, and when: AWS's time. */
  told: Record<string, string>;
  /** The restore of many that began this one was told that it waits for a person. */
  fleetTold: boolean;
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
  calledAt: null,
  lookedAt: 0,
  looks: null,
  sawActing: false,
  settledSince: null,
  making: null,
  newWorkspaceId: null,
  notPutBack: [],
  userTold: false,
  blocked: null,
  retrying: null,
  hinderedBy: null,
  told: {},
  fleetTold: false,
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
  if (!woken && run.state.now !== '') heard(run, new Date(Date.parse(run.state.now) + wait).toISOString());
  if (isStopping(run)) throw new Restarted();
}

export function heard({ state }: RestoreRun, at: string): void {
  state.now = at;
}

const FIRST_PAUSE = 60_000;
export const LONGEST_PAUSE = 30 * 60_000;

/**
 * Makes a call again until it gets through, each time after a longer pause; null: `isGivenUp` said so, which is asked after
 * each attempt that did not. What passes is shown as retried meanwhile.
 */
export async function tryOn<T>(
  run: RestoreRun,
  send: () => Promise<T>,
  isGivenUp: (trouble: Trouble, tries: number) => boolean | Promise<boolean>,
): Promise<{ readonly reply: T } | null> {
  for (let tries = 1; ; tries += 1) {
    try {
      const reply = await send();
      unblock(run, 'call');
      return { reply };
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      if (await isGivenUp(trouble, tries)) return null;
      if (trouble.passing) await retry(run, trouble.message, 'call');
    }
    await pause(run, Math.min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE));
  }
}

/** For what does not pass by itself the run is blocked meanwhile. */
export async function persistently<T>(run: RestoreRun, send: () => Promise<T>): Promise<T> {
  const done = await tryOn(run, send, async ({ passing, type, message }) => {
    if (!passing) await block(run, { cause: message, remedy: remedyOf(type) }, 'call');
    return false;
  });
  // It is never given up.
  return (done as { readonly reply: T }).reply;
}

const remedyOf = (type: string): string =>
  type in FAILURES ? FAILURES[type as FailureType].remedy : `see what AWS says of ${type}`;

/** AWS terminates within minutes and makes a WorkSpace within an hour: after so long a person looks, whatever the cause. */
const OVERDUE = 90 * 60_000;
const OVERDUE_REMEDY = 'see what AWS’s health says, and ask AWS: it should have passed';

/** The old WorkSpace was given up, and its user still has no other. */
export function isOverdue({ input, state }: RestoreRun): boolean {
  if (input.strategy !== 'recreate' || !state.committed || state.actedAt === null || state.outcome) return false;
  return Date.parse(state.now) - Date.parse(state.actedAt) > OVERDUE;
}

/** It may pass by itself; what has lasted too long for that is a person's. */
export async function retry(run: RestoreRun, what: string, by: Hindrance = 'step'): Promise<void> {
  const { state } = run;
  // A call that does not get through is the lesser evil.
  if (state.blocked && state.hinderedBy !== by) return;
  if (isOverdue(run)) {
    const remedy = state.blocked?.remedy ?? OVERDUE_REMEDY;
    return await block(run, { cause: what, remedy }, by);
  }
  state.blocked = null;
  tellFleet(run, null);
  state.retrying = what;
  state.hinderedBy = by;
  setHealth(run);
}

/** A person must act. What stands in the way may be another thing by and by. */
export async function block(
  run: RestoreRun,
  { cause, remedy }: Pick<RestoreBlocked, 'cause' | 'remedy'>,
  by: Hindrance = 'step',
): Promise<void> {
  const { state } = run;
  state.blocked = { cause, remedy, since: state.blocked?.since ?? state.now };
  state.retrying = null;
  state.hinderedBy = by;
  setHealth(run);
  tellFleet(run, cause);
  await tellBlocked(run, state.blocked);
}

/**
 * The restore of many that began this one counts it as not restored meanwhile; one that has ended needs no word. Another
 * cause is no news to it: its history has room for one line each.
 */
function tellFleet({ input, state }: RestoreRun, blocked: string | null): void {
  const { parent } = workflowInfo();
  if (!parent || state.fleetTold === (blocked !== null)) return;
  state.fleetTold = blocked !== null;
  const fleet = getExternalWorkflowHandle(parent.workflowId, parent.runId);
  void fleet.signal(restoreBlockedSignal, { workspaceId: input.workspaceId, blocked }).catch(() => undefined);
}

const A_DAY = 24 * 3_600_000;

/** Once for each remedy, and again each day; what did not get through is told the next time. */
async function tellBlocked(run: RestoreRun, { cause, remedy }: RestoreBlocked): Promise<void> {
  const { state, input } = run;
  const toldAt = state.told[remedy];
  // Before AWS's first answer there is no time to count from.
  if (toldAt === '' || (toldAt && Date.parse(state.now) - Date.parse(toldAt) < A_DAY)) return;
  const stranded =
    state.step === 'create' && input.strategy === 'recreate' ? 'Its user has no desktop at present. ' : '';
  const isTold = await tellOperators(
    run,
    `Restore of ${input.workspaceId} needs a person`,
    `${stranded}${cause}\nWhat to do: ${remedy}\nIt is tried again by itself now and then, and at once with: holdfast restore resume`,
  );
  if (isTold) state.told[remedy] = state.now;
}

/** @param by what does not stand in the way any more; another thing still may */
export function unblock(run: RestoreRun, by: Hindrance): void {
  const { state } = run;
  if (state.hinderedBy !== by) return;
  state.blocked = null;
  state.retrying = null;
  state.hinderedBy = null;
  tellFleet(run, null);
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

/** What people must know; that it did not reach them is told in the report, and stops nothing. @returns whether it did */
export async function tellOperators(run: RestoreRun, subject: string, message: string): Promise<boolean> {
  const trouble = await toldOperators(run.input, subject, message);
  if (trouble === null) return true;
  // It is told again and again: one line of each is enough.
  const isNoted = run.state.steering.some(({ what, reason }) => what === TELL && reason === subject);
  if (!isNoted) note(run, TELL, { by: null, reason: subject }, `not told: ${trouble}`);
  return false;
}

const TELL = 'tell operators';
