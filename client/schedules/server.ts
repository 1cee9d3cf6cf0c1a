/** The schedules in Temporal: which are ours, and how they are made to be as the file wants them. */
import { ScheduleNotFoundError, type Client, type ScheduleDescription } from '@temporalio/client';
import { isOurs, SCHEDULE_MEMO, scheduleIdOf, scheduleNameOf } from '../../domain/schedules.ts';
import { CommandError } from '../exit.ts';
import { keepPause, type ScheduleChange } from './compare.ts';
import type { Comparable } from './fields.ts';

export interface Present {
  readonly ours: readonly ScheduleDescription[];
  /** Ids of those that belong to others. */
  readonly foreign: readonly string[];
}

/** @param named looked for by id too, as Temporal's list may be a moment behind */
export async function readSchedules(client: Client, named: readonly string[] = []): Promise<Present> {
  const ids = new Set(named);
  const foreign = new Set<string>();
  for await (const { scheduleId, memo } of client.schedule.list())
    (isOurs(scheduleId, memo) ? ids : foreign).add(scheduleId);
  const found = (await Promise.all([...ids].map((id) => describe(client, id)))).filter((each) => each !== null);
  const ours = found.filter(({ scheduleId, memo }) => isOurs(scheduleId, memo));
  for (const each of found) if (!ours.includes(each)) foreign.add(each.scheduleId);
  return { ours: ours.toSorted(byId), foreign: [...foreign].toSorted() };
}

const byId = (a: ScheduleDescription, b: ScheduleDescription): number => (a.scheduleId < b.scheduleId ? -1 : 1);

async function describe(client: Client, id: string): Promise<ScheduleDescription | null> {
  try {
    return await client.schedule.getHandle(id).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

/** The schedule of that name, if it is ours; the command ends where there is none. */
export async function ourSchedule(client: Client, name: string): Promise<ScheduleDescription> {
  const id = scheduleIdOf(scheduleNameOf(name));
  const found = await describe(client, id);
  if (found !== null && isOurs(id, found.memo)) return found;
  if (found !== null) throw notOurs([id]);
  const { ours } = await readSchedules(client);
  const known = ours.map(({ scheduleId }) => scheduleNameOf(scheduleId)).join(', ');
  throw new CommandError(
    'notFound',
    `there is no schedule ${scheduleNameOf(name)}: ${known ? `there are ${known}` : 'make those of the file with `holdfast schedules apply`'}`,
  );
}

export const notOurs = (ids: readonly string[]): CommandError =>
  new CommandError(
    'failed',
    `${ids.join(', ')} exists and was not made by Holdfast (it lacks the memo ${SCHEDULE_MEMO}), so it is left alone and ` +
      'nothing was changed: give the entry another name, or remove that schedule with `temporal schedule delete`',
  );

/** Looked at once more right before: what is not ours by now, or is gone, is not touched. */
export async function makeSo(client: Client, change: ScheduleChange, desired: readonly Comparable[]): Promise<void> {
  const { scheduleId, what } = change;
  const wanted = desired.find((each) => each.scheduleId === scheduleId);
  if (what === 'create' && wanted) {
    await client.schedule.create({ ...wanted, memo: { [SCHEDULE_MEMO]: { version: 1 } } });
  } else if (what === 'change' && wanted) {
    await client.schedule.getHandle(scheduleId).update((present) => {
      if (!isOurs(scheduleId, present.memo)) throw notOurs([scheduleId]);
      const { scheduleId: _, ...schedule } = keepPause(wanted, present);
      return schedule;
    });
  } else if (what === 'delete') {
    await deleteOurs(client, scheduleId);
  }
}

export async function deleteOurs(client: Client, scheduleId: string): Promise<void> {
  const present = await describe(client, scheduleId);
  if (present === null) return;
  if (!isOurs(scheduleId, present.memo)) throw notOurs([scheduleId]);
  await client.schedule.getHandle(scheduleId).delete();
}
