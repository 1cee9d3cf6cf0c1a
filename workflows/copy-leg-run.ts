/** What the steps of a leg work with: what they are given, and how they wait, are tried again and are blocked. */
import type { CopyQueueLimits } from '../domain/copy-queue.ts';
import type { Hop, Leg, Lifecycle, Obstacle, PointFacts } from '../domain/custody.ts';
import { FAILURES, type FailureType } from '../domain/errors.ts';
import type { AwsClock } from './aws-clock.ts';
import type { CopyMail } from './copy-mail.ts';
import { troubleOf, type Trouble } from './failures.ts';

/** What a leg needs of the workflow that it belongs to. */
export interface CopyLegRun {
  readonly leg: Leg;
  /** What is copied, as last read. */
  readonly source: () => PointFacts;
  readonly backupRole: string;
  readonly limits: CopyQueueLimits;
  /** What the original is about to get; null: it keeps what it has, or goes. */
  readonly after: () => Lifecycle | null;
  readonly minRemainingDays: number;
  /** False: it may go before what it is copied from, as one that is brought back for a while. @default true */
  readonly mustOutlive?: boolean;
  /** A copy that others made of what is copied is as good as one of its own. */
  readonly takesOver: boolean;
  /** Jobs of different seeds are never the same. */
  readonly seed: string;
  readonly mail: CopyMail;
  readonly clock: AwsClock;
  /** Another leg's hop that makes the same copy; null: none. */
  readonly sameCopy: (hop: Hop) => Hop | null;
  /** AWS does not show any more what is copied. */
  readonly sourceMissing: () => void;
  /** Something that people see has changed. */
  readonly changed: () => void;
  /** Nothing new is to be begun, in this history or at all. */
  readonly isStopped: () => boolean;
}

/** Thrown out of a wait when nothing new is to be begun. */
export class LegStopped extends Error {
  override readonly name = 'LegStopped';
}

/** @returns whether it came to be so within that time @throws LegStopped */
export async function wait(run: CopyLegRun, isSo: () => boolean, milliseconds: number): Promise<boolean> {
  await run.clock.wait(() => isSo() || run.isStopped(), milliseconds);
  if (run.isStopped()) throw new LegStopped();
  return isSo();
}

const MINUTE = 60_000;
/** Their sum is an hour: what has not passed by then is shown to a person, and tried on. */
const PAUSES = [1, 2, 4, 8, 16, 30].map((minutes) => minutes * MINUTE);
const LONGEST_PAUSE = 30 * MINUTE;
export const A_DAY = 24 * 60 * MINUTE;

/** Makes a call until it gets through; what does not pass by itself is blocked meanwhile. @throws LegStopped */
export async function persist<T>(run: CopyLegRun, send: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      const reply = await send();
      if (tries > 0) clear(run);
      return reply;
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      await sitOut(run, trouble, tries);
    }
  }
}

/** Waits until a call is worth making again. */
export async function sitOut(run: CopyLegRun, trouble: Trouble, tries: number): Promise<void> {
  const pause = PAUSES[tries];
  if (!trouble.passing) return await block(run, obstacleOf(trouble), A_DAY);
  if (pause === undefined) return await block(run, obstacleOf(trouble), LONGEST_PAUSE);
  await retry(run, trouble.message, pause);
}

/** It may pass by itself. */
export async function retry(run: CopyLegRun, why: string, pause: number): Promise<void> {
  const { leg } = run;
  leg.retrying = why;
  run.changed();
  await wait(run, run.mail.listen(leg.rule.name), pause);
}

/** A person must act. It is tried again when one says so, or after that time; Infinity: then only. */
export async function block(run: CopyLegRun, obstacle: Obstacle, again: number): Promise<void> {
  const { leg, clock, mail } = run;
  leg.blocked = { ...obstacle, since: leg.blocked?.since ?? clock.now };
  leg.retrying = null;
  run.changed();
  await wait(run, mail.listen(leg.rule.name), again);
}

/** Nothing stands in the way any more. */
export function clear(run: CopyLegRun): void {
  const { leg } = run;
  if (leg.blocked === null && leg.retrying === null) return;
  leg.blocked = null;
  leg.retrying = null;
  run.changed();
}

export const obstacleOf = ({ type, message }: Trouble): Obstacle => ({
  code: type === 'AccessDenied' ? 'accessDenied' : type === 'QuotaExceeded' ? 'quota' : 'unknown',
  message,
  remedy: type in FAILURES ? FAILURES[type as FailureType].remedy : `see what AWS says of ${type}`,
  statement: null,
});
