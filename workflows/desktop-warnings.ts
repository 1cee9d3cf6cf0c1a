/** What a user is told before the rebuild, and the time that is left for it. */
import type { Row } from '../domain/image-upgrade.ts';
import { warningText } from '../domain/warning-text.ts';
import { quickCalls, warnings } from './activities.ts';
import { end, iso, type Shared } from './desktop.ts';
import { troubleOf } from './failures.ts';

/** The first warning. Nobody who was not told needs the time. */
export async function warn(row: Row, shared: Shared): Promise<void> {
  const { settings, agenda } = shared;
  const { leadSeconds, requireDelivery } = settings.warnings;
  const [lead] = leadSeconds;
  row.step = 'turn';
  if (lead === undefined) return;
  const { told, mayStand } = await send(row, shared, lead);
  row.warningsSent = 1;
  row.notified = told;
  if (told === 'delivered' || mayStand) row.noticeEndsAt = iso(agenda.now + lead * 1000);
  // A stopped WorkSpace has nobody to tell.
  const reached = told === 'delivered' || row.state === 'STOPPED';
  if (requireDelivery && !reached) end(row, shared, 'skipped', { code: 'notWarned', detail: told });
}

/** Until the time is over that the first warning gave; the later warnings are sent on the way. */
export async function awaitWarningTime(row: Row, shared: Shared): Promise<void> {
  const { settings, agenda } = shared;
  const { leadSeconds } = settings.warnings;
  const owner = row.workspaceId;
  // One that is sent a coarse tick late would say a wrong time.
  const rounding = leadSeconds.length > 1 ? 'tick' : 'lazy';
  while (row.noticeEndsAt !== null) {
    const lead = leadSeconds[row.warningsSent];
    const ends = Date.parse(row.noticeEndsAt);
    await agenda.until(ends - (lead ?? 0) * 1000, { rounding, owner });
    if (lead === undefined) {
      row.noticeEndsAt = null;
      return;
    }
    row.warningsSent += 1;
    await send(row, shared, lead);
    row.noticeEndsAt = iso(Math.max(ends, agenda.now + lead * 1000));
  }
}

interface Sent {
  readonly told: NonNullable<Row['notified']>;
  /** It may stand on the screen, or in a mailbox, although no agent says so. */
  readonly mayStand: boolean;
}

async function send(row: Row, shared: Shared, lead: number): Promise<Sent> {
  const { settings, runId, agenda } = shared;
  const { target, warnings: wanted } = settings;
  const message = warningText(wanted, lead);
  const published = await publish(row, shared, message);
  try {
    const { warned, at } = await warnings.warnUser({
      target,
      computerName: row.computerName,
      instanceIds: row.instanceIds,
      message,
      key: `holdfast ${runId.slice(0, 8)} ${row.workspaceId} ${row.freshSnapshot ?? ''} ${lead}`.slice(0, 100),
    });
    if (at !== null) agenda.heard(at);
    return { told: warned, mayStand: published };
  } catch (error) {
    if (!troubleOf(error)) throw error;
    return { told: 'failed', mayStand: true };
  }
}

/** The second channel: whoever reads the topic is told whose WorkSpace it is. Trouble with it stops no rebuild. */
async function publish(row: Row, { settings }: Shared, message: string): Promise<boolean> {
  const { target, warnings: wanted } = settings;
  if (wanted.topicArn === null) return false;
  const whose = `${row.userName}, WorkSpace ${row.workspaceId} (${row.computerName})`;
  try {
    await quickCalls.publish({
      target,
      topicArn: wanted.topicArn,
      subject: `WorkSpace ${row.workspaceId} will be rebuilt`,
      message: `${whose}: ${message}`,
    });
    return true;
  } catch (error) {
    if (!troubleOf(error)) throw error;
    return false;
  }
}
