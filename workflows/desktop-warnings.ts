/** What a user is told before the rebuild, and the time that is left for it. */
import type { Row } from '../domain/upgrade-row.ts';
import { warningText } from '../domain/warning-text.ts';
import { quickCalls, warnings } from './activities.ts';
import { end, iso, type Shared } from './desktop.ts';
import { troubleOf } from './failures.ts';

/** The first warning. Nobody who was not told needs the time. */
export async function warn(row: Row, shared: Shared): Promise<void> {
  const { settings, agenda } = shared;
  const { leadSeconds, requireDelivery } = settings.warnings;
  const [lead] = leadSeconds;
  if (lead === undefined) {
    row.step = 'turn';
    return;
  }
  const { told, mayStand } = await show(row, shared, lead);
  row.warningsSent = 1;
  row.notified = told;
  if (requireDelivery && told !== 'delivered' && !(await isStopped(row, shared))) {
    return end(row, shared, 'skipped', { code: 'notWarned', detail: told });
  }
  row.step = 'turn';
  const published = await publish(row, shared, lead);
  if (mayStand || published) row.noticeEndsAt = iso(agenda.now + lead * 1000);
}

/** Now, not hours ago: a stopped WorkSpace has nobody to tell. */
async function isStopped(row: Row, { observer }: Shared): Promise<boolean> {
  row.state = (await observer.desktop(row.workspaceId))?.state ?? row.state;
  return row.state === 'STOPPED';
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
    await show(row, shared, lead);
    await publish(row, shared, lead);
    row.noticeEndsAt = iso(Math.max(ends, agenda.now + lead * 1000));
  }
}

interface Shown {
  readonly told: NonNullable<Row['notified']>;
  /** It may stand on the screen although no agent says so. */
  readonly mayStand: boolean;
}

async function show(row: Row, { settings, runId, agenda, warningLane }: Shared, lead: number): Promise<Shown> {
  const { target, warnings: wanted } = settings;
  try {
    const { warned, at } = await warningLane.pass(async () => {
      agenda.check();
      return await warnings.warnUser({
        target,
        computerName: row.computerName,
        instanceIds: row.instanceIds,
        message: warningText(wanted, lead),
        // After a pause the same warning is given again: only the time tells it from the one before.
        key: `holdfast ${runId.slice(0, 8)} ${agenda.isoNow} ${lead} ${row.workspaceId}`.slice(0, 100),
      });
    });
    if (at !== null) agenda.heard(at);
    return { told: warned, mayStand: warned === 'delivered' };
  } catch (error) {
    if (!troubleOf(error)) throw error;
    return { told: 'failed', mayStand: true };
  }
}

/** The second channel: whoever reads the topic is told whose WorkSpace it is. Trouble with it stops no rebuild. */
async function publish(row: Row, { settings }: Shared, lead: number): Promise<boolean> {
  const { target, warnings: wanted } = settings;
  if (wanted.topicArn === null) return false;
  const whose = `${row.userName}, WorkSpace ${row.workspaceId} (${row.computerName})`;
  try {
    await quickCalls.publish({
      target,
      topicArn: wanted.topicArn,
      subject: `WorkSpace ${row.workspaceId} will be rebuilt`,
      message: `${whose}: ${warningText(wanted, lead)}`,
    });
    return true;
  } catch (error) {
    if (!troubleOf(error)) throw error;
    return false;
  }
}
