/** The schedules in Temporal: which are ours, and how they are made to be as the file wants them. */
import type { Client, ScheduleDescription } from '@temporalio/client';
import { listScheduleIds, readable, UNREADABLE } from '../../domain/schedule-reads.ts';
import { isOurs, SCHEDULE_MEMO, scheduleIdOf, scheduleNameOf } from '../../domain/schedules.ts';
import { CommandError } from '../exit.ts';
import { keepPause, type ScheduleChange } from './compare.ts';
import type { Desired } from './desired.ts';

interface Present {
  /** Of whatever file. */
  readonly ours: readonly ScheduleDescription[];
  /** Ids under our prefix that belong to others. */
  readonly foreign: readonly string[];
  /** How many schedules there are beside. */
  readonly others: number;
}

/** @param named looked for by id too, as Temporal's list may be a moment behind */
export async function readSchedules(client: Client, named: readonly string[] = []): Promise<Present> {
  const { prefixed, others } = await listScheduleIds(client);
  const ids = [...new Set([...named, ...prefixed])].toSorted();
  const found = await Promise.all(ids.map(async (id) => ({ id, about: await ownOf(client, id) })));
  return {
    ours: found.flatMap(({ about }) => (about === null || about === 'foreign' ? [] : about)),
    foreign: found.flatMap(({ id, about }) => (about === 'foreign' ? id : [])),
    others,
  };
}

/** Null: there is none. */
async function ownOf(client: Client, id: string): Promise<ScheduleDescription | 'foreign' | null> {
  const about = await readable(() => client.schedule.getHandle(id).describe());
  if (about === null) return null;
  return about === UNREADABLE || !isOurs(id, about.memo) ? 'foreign' : about;
}

/** Null: there is none. One of others ends the command. */
async function describeOurs(client: Client, id: string): Promise<ScheduleDescription | null> {
  const about = await ownOf(client, id);
  if (about === 'foreign') throw notOurs([id]);
  return about;
}

/** The schedule of that name, if it is ours; the command ends where there is none. */
export async function ourSchedule(client: Client, name: string): Promise<ScheduleDescription> {
  const id = scheduleIdOf(scheduleNameOf(name));
  const found = await describeOurs(client, id);
  if (found !== null) return found;
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
export async function makeSo(client: Client, change: ScheduleChange, { name, schedules }: Desired): Promise<void> {
  const { scheduleId, what } = change;
  const wanted = schedules.find((each) => each.scheduleId === scheduleId);
  if (what === 'create' && wanted) {
    await client.schedule.create({ ...wanted, memo: { [SCHEDULE_MEMO]: { version: 1, name } } });
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
  if ((await describeOurs(client, scheduleId)) !== null) await client.schedule.getHandle(scheduleId).delete();
}
