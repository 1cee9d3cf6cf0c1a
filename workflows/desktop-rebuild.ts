/** The rebuild itself: called at most once for each passed gate, and followed to its end. */
import { FAILURE_OF_AWS_ERROR } from '../domain/errors.ts';
import type { Row } from '../domain/upgrade-row.ts';
import { looksEnded, rebuildEnd, showsEffect } from '../domain/rebuild-end.ts';
import { unrepeatableCalls } from './activities.ts';
import { confirmBundle } from './confirm-bundle.ts';
import { block, end, giveBack, timeLeft, type Shared } from './desktop.ts';
import { troubleOf } from './failures.ts';

/** A throttled rebuild is tried again then. */
const THROTTLED_WAIT = 20_000;
const MOST_REBUILD_CALLS = 5;

export async function rebuild(row: Row, shared: Shared): Promise<void> {
  const { settings, agenda, admission } = shared;
  const { target } = settings;
  const atMost = timeLeft(row, shared);
  if (!admission.may(row) || atMost <= 0) return giveBack(row, shared);
  row.rebuildCalls += 1;
  const reply = await unrepeatableCalls(target, atMost)
    .rebuildWorkspace({ target, workspaceId: row.workspaceId })
    .catch((error: unknown) => {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      if (trouble.code === 'NotStarted') return { reply: 'notMade' as const };
      return { reply: 'unclear' as const, code: 'Timeout' };
    });
  switch (reply.reply) {
    case 'accepted':
      agenda.heard(reply.at);
      row.rebuildRequestedAt = reply.at;
      row.step = 'confirm';
      return;
    case 'refused':
      // An earlier call whose reply was lost may be what AWS refuses this one for: its effect is looked for.
      if (row.rebuildCalls > 1) {
        row.rebuildRequestedAt = agenda.isoNow;
        row.step = 'confirm';
        return;
      }
      return refused(row, shared, reply);
    case 'notMade':
      row.rebuildCalls -= 1;
      row.step = 'lastLook';
      return;
    case 'throttled':
      row.rebuildCalls -= 1;
      row.step = 'lastLook';
      return await agenda.until(agenda.now + THROTTLED_WAIT);
    case 'unclear':
      row.rebuildRequestedAt = agenda.isoNow;
      row.reason = { code: 'errorFromAws', detail: reply.code };
      row.step = 'settle';
  }
}

function refused(
  row: Row,
  shared: Shared,
  { code, message }: { readonly code: string; readonly message: string },
): void {
  const type = FAILURE_OF_AWS_ERROR[code];
  if (type === 'AccessDenied' || type === 'QuotaExceeded') return block(row, shared, { type, code, message });
  end(row, shared, 'rebuildFailed', { code: 'refused', detail: code });
}

/** The reply was lost: an effect says that the call was taken; none through the settle window, that it was not. */
export async function settle(row: Row, shared: Shared): Promise<void> {
  const { settings, agenda, observer } = shared;
  let windowEnds = Infinity;
  for (;;) {
    // What counts is when the look was asked for: its reply may be late.
    const asked = agenda.now;
    const desktop = await observer.desktop(row.workspaceId);
    if (!desktop || showsEffect(row, desktop)) {
      row.sawRebuilding ||= desktop?.state === 'REBUILDING';
      row.reason = null;
      row.step = 'confirm';
      return;
    }
    if (asked >= windowEnds) break;
    // A lost reply tells no time: the call was made before this look, and how long before is not known.
    if (windowEnds === Infinity) windowEnds = agenda.now + settings.settleSeconds * 1000;
    await agenda.until(Math.min(agenda.now + settings.pollSeconds * 1000, windowEnds), { evenAborted: true });
  }
  if (row.rebuildCalls >= MOST_REBUILD_CALLS) return end(row, shared, 'rebuildFailed', row.reason);
  row.rebuildRequestedAt = null;
  row.step = 'lastLook';
}

export async function confirm(row: Row, shared: Shared): Promise<void> {
  const { settings, agenda, follower } = shared;
  const limits = { settle: settings.settleSeconds * 1000, timeout: settings.rebuildTimeoutMinutes * 60_000 };
  for (;;) {
    const desktop = await follower.look(row);
    row.state = desktop?.state ?? row.state;
    if (desktop && looksEnded(desktop) && row.sawRebuilding) row.settledSeenAt ??= agenda.isoNow;
    else row.settledSeenAt = null;
    const ended = rebuildEnd(row, { desktop, now: agenda.now }, limits);
    if (!ended) continue;
    if (ended.outcome !== 'rebuilt') return end(row, shared, ended.outcome, ended.reason);
    row.rebuildConfirmedAt = agenda.isoNow;
    return await confirmBundle(row, shared);
  }
}
