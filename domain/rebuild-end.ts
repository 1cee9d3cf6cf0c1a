/** What a look at a WorkSpace says of its rebuild: not begun, under way, or how it ended. */
import type { Outcome, Reason } from './image-upgrade.ts';
import type { Row } from './upgrade-row.ts';
import type { Desktop } from './rebuild-gate.ts';
import { isBroken, isSettled } from './workspace-states.ts';

/** An accepted rebuild shows an effect within so many milliseconds, or a person must look. */
const EFFECT_WITHIN = 30 * 60_000;

const hasNewIp = (ipBefore: string | null, desktop: Desktop): boolean =>
  ipBefore !== null && desktop.ipAddress !== null && desktop.ipAddress !== ipBefore;

type Before = Pick<Row, 'sawRebuilding' | 'ipBefore' | 'stateBefore'>;

/** It was in order before the call, and is not now. */
const broke = (row: Before, desktop: Desktop): boolean =>
  isBroken(desktop.state) && row.stateBefore !== null && !isBroken(row.stateBefore);

/** A rebuild always gives a new private IP, so an effect is seen also when nobody looked while it ran. */
export const showsEffect = (row: Before, desktop: Desktop): boolean =>
  row.sawRebuilding || desktop.state === 'REBUILDING' || hasNewIp(row.ipBefore, desktop) || broke(row, desktop);

export interface RebuildEnd {
  readonly outcome: Outcome;
  readonly reason: Reason | null;
}

export interface RebuildLook {
  /** Null: AWS does not show the WorkSpace any more. */
  readonly desktop: Desktop | null;
  /** AWS's time of the look. */
  readonly now: number;
}

/**
 * How the rebuild ended; null: it is still under way. Reads can be old: REBUILDING followed by AVAILABLE with the old IP
 * is believed only when it is still so after the settle window.
 */
export function rebuildEnd(
  row: Before & Pick<Row, 'rebuildRequestedAt' | 'settledSeenAt'>,
  { desktop, now }: RebuildLook,
  limits: { readonly settle: number; readonly timeout: number },
): RebuildEnd | null {
  if (!desktop) return { outcome: 'rebuildFailed', reason: { code: 'gone' } };
  const elapsed = now - Date.parse(row.rebuildRequestedAt ?? '');
  if (!showsEffect(row, desktop)) {
    return elapsed > EFFECT_WITHIN ? { outcome: 'rebuildUnconfirmed', reason: { code: 'noEffectSeen' } } : null;
  }
  const believed =
    hasNewIp(row.ipBefore, desktop) ||
    broke(row, desktop) ||
    (row.settledSeenAt !== null && now - Date.parse(row.settledSeenAt) >= limits.settle);
  if (believed && isSettled(desktop.state)) return { outcome: 'rebuilt', reason: null };
  if (believed && isBroken(desktop.state)) {
    return { outcome: 'rebuildFailed', reason: { code: 'failed', detail: desktop.errorCode ?? desktop.state } };
  }
  if (elapsed > limits.timeout) {
    return { outcome: 'rebuildUnconfirmed', reason: { code: 'notEnded', detail: desktop.state } };
  }
  return null;
}

/** AVAILABLE, STOPPED or broken after an effect: over, unless the reply is an old one. */
export const looksEnded = (desktop: Desktop): boolean => isSettled(desktop.state) || isBroken(desktop.state);
