/** What state a WorkSpace is in at an instant. Nothing runs by timers: state follows from the log and the clock. */
import { seededRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import type { Desktop, Job, Span, State, Transition } from './rows.ts';

const STOP_AND_WAKE_MS = 60_000;

export interface View {
  readonly state: State;
  /** When this state began. */
  readonly since: number;
  readonly ipAddress: string | undefined;
  readonly rootImageId: string | undefined;
  /** The time of the snapshot that its user volume was last made from. */
  readonly userDataOf: number | undefined;
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

/** A stream for one purpose, the same whatever else was drawn for this WorkSpace. */
export const randomOf = (desktop: Desktop, purpose: string): Random =>
  seededRandom(desktop.seed, `${desktop.workspaceId}/${purpose}`);

export const within = (spans: readonly Span[], at: number): Span | undefined =>
  spans.find((span) => span.from <= at && at < span.to);

/** The WorkSpace as it was at that instant; undefined where it did not exist. */
export function viewAt(desktop: Desktop, at: number): View | undefined {
  let last: Transition | undefined;
  let ipAddress: string | undefined;
  let rootImageId: string | undefined;
  let userDataOf: number | undefined;
  for (const transition of desktop.log) {
    if (transition.at > at) break;
    last = transition;
    ipAddress = transition.ipAddress ?? ipAddress;
    rootImageId = transition.rootImageId ?? rootImageId;
    userDataOf = transition.userDataOf ?? userDataOf;
  }
  if (!last || last.state === 'TERMINATED') return undefined;
  const window = last.state === 'AVAILABLE' || last.state === 'STOPPED' ? within(desktop.maintenance, at) : undefined;
  if (window) {
    const since = Math.max(window.from, last.at);
    return { state: 'MAINTENANCE', since, ipAddress, rootImageId, userDataOf, error: undefined };
  }
  return { state: last.state, since: last.at, ipAddress, rootImageId, userDataOf, error: last.error };
}

const JOB_STATES: Readonly<Record<Job['kind'], State>> = {
  image: 'SUSPENDED',
  restore: 'RESTORING',
  modification: 'UPDATING',
  termination: 'TERMINATING',
};

const jobToCome = ({ jobs }: Desktop, at: number): Job | undefined =>
  jobs.find(({ calledAt, from }) => calledAt <= at && at < from);

/** The state that calls meet: what was accepted counts before it shows. */
export function stateForCalls(desktop: Desktop, at: number): State | undefined {
  const job = jobToCome(desktop, at);
  return job ? JOB_STATES[job.kind] : viewAt(desktop, at)?.state;
}

/** Whether something was accepted for it that does not show yet, or a migration of it is under way. */
export const isTaken = (desktop: Desktop, at: number): boolean =>
  jobToCome(desktop, at) !== undefined || desktop.rebuilds.some(({ from }) => from > at) || isMigrating(desktop, at);

/** Whether a migration of it is under way at that instant: its user cannot use it, and other operations are refused. */
export const isMigrating = ({ migrations }: Desktop, at: number): boolean =>
  migrations.some(({ calledAt, to }) => calledAt <= at && at < (to ?? Infinity));

/** Replaces what was to come after `now` with these transitions. */
export function plan(desktop: Desktop, now: number, transitions: readonly Transition[]): void {
  desktop.log = [...desktop.log.filter(({ at }) => at <= now), ...transitions];
}

/** Ends the connection that is open at that instant. */
export function disconnect(desktop: Desktop, at: number): void {
  desktop.connections = desktop.connections.map((span) =>
    span.from < at && at < span.to ? { from: span.from, to: at } : span,
  );
}

/** Adds what an AUTO_STOP WorkSpace did by itself until then: it stops when idle and starts when its user comes. */
export function advance(desktop: Desktop, until: number): boolean {
  let changed = false;
  while (desktop.runningMode === 'AUTO_STOP') {
    const last = desktop.log.at(-1);
    const next = last?.state === 'AVAILABLE' ? idleStop(desktop, last.at) : last && wake(desktop, last);
    if (!next?.[0] || next[0].at > until) break;
    desktop.log.push(...next);
    changed = true;
  }
  return changed;
}

function idleStop(desktop: Desktop, availableSince: number): Transition[] {
  const timeout = desktop.autoStopMinutes * 60_000;
  let idleFrom = Math.max(availableSince, desktop.autoStopSince ?? 0);
  for (const { from, to } of desktop.connections.toSorted((a, b) => a.from - b.from)) {
    if (to <= idleFrom) continue;
    if (from > idleFrom + timeout) break;
    idleFrom = to;
  }
  const at = idleFrom + timeout;
  return [
    { at, state: 'STOPPING' },
    { at: at + STOP_AND_WAKE_MS, state: 'STOPPED' },
  ];
}

function wake(desktop: Desktop, last: Transition): Transition[] {
  if (last.state !== 'STOPPED') return [];
  const logons = desktop.connections.map(({ from }) => from).filter((from) => from >= last.at);
  if (logons.length === 0) return [];
  const at = Math.min(...logons);
  return [
    { at, state: 'STARTING' },
    { at: at + STOP_AND_WAKE_MS, state: 'AVAILABLE' },
  ];
}
