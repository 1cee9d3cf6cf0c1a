/** What a look at a WorkSpace says of its restore from snapshots: not begun, under way, or how it ended. */
import type { RestoreOutcome } from './restore-outcome.ts';
import { isBroken, isSettled } from './workspace-states.ts';

/** An accepted restore shows an effect within so many milliseconds, or a person must look. */
const EFFECT_WITHIN = 30 * 60_000;
/** Neither done nor broken by then: a person must look. */
const NOT_ENDED = 4 * 3_600_000;

export interface RestoreLook {
  /** Null: AWS does not show the WorkSpace any more. */
  readonly desktop: {
    readonly state: string;
    readonly errorCode: string | null;
    readonly ipAddress: string | null;
  } | null;
  /** AWS's times, epoch milliseconds. */
  readonly now: number;
  readonly requestedAt: number;
  /** It was RESTORING at any look. */
  readonly sawActing: boolean;
  /** Since when it has been in order after that; null: it is not. */
  readonly settledSince: number | null;
}

/** Reads can be old: what follows RESTORING is believed when it stays so. */
const BELIEVED_AFTER = 5 * 60_000;

export interface RestoreEnd {
  readonly outcome: RestoreOutcome;
  readonly reason: string | null;
}

/** Null: it is still under way. */
export function restoreEnd({ desktop, now, requestedAt, sawActing, settledSince }: RestoreLook): RestoreEnd | null {
  if (!desktop) return { outcome: 'failed', reason: 'AWS does not show the WorkSpace any more' };
  const elapsed = now - requestedAt;
  if (!sawActing) {
    const reason = 'RESTORING was not seen after the call: look at the WorkSpace before anything else';
    return elapsed > EFFECT_WITHIN ? { outcome: 'unconfirmed', reason } : null;
  }
  const believed = settledSince !== null && now - settledSince >= BELIEVED_AFTER;
  if (believed && isSettled(desktop.state)) return { outcome: 'restored', reason: null };
  if (believed && isBroken(desktop.state)) {
    const reason = `it is ${desktop.state} (${desktop.errorCode ?? 'AWS gives no code'}): restore it by an image, or rebuild it`;
    return { outcome: 'failed', reason };
  }
  if (elapsed <= NOT_ENDED) return null;
  return { outcome: 'unconfirmed', reason: `it is ${desktop.state} after four hours: ask AWS` };
}
