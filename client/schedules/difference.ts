/** The difference between the file and the schedules in Temporal, as `schedules diff` and `apply` both begin. */
import type { Client } from '@temporalio/client';
import { fileNameOf, scheduleNameOf } from '../../domain/schedules.ts';
import { readConfig } from '../config-file.ts';
import { CommandError } from '../exit.ts';
import { compareSchedules, type ScheduleChange } from './compare.ts';
import { desiredSchedules, type Desired } from './desired.ts';
import { notOurs, readSchedules } from './server.ts';

export interface Difference {
  readonly desired: Desired;
  readonly changes: readonly ScheduleChange[];
  readonly untouched: Untouched;
}

/** What apply leaves alone. */
export interface Untouched {
  /** Schedules of ours that were applied from a file of another name. */
  readonly elsewhere: readonly { readonly name: string; readonly file: string | null }[];
  /** Ids under our prefix that others have made. */
  readonly foreign: readonly string[];
  /** How many schedules there are beside. */
  readonly others: number;
}

/** The file is judged before a server is asked. */
export function desiredBy(file: string): Desired {
  return desiredSchedules(readConfig(file), file);
}

/** A schedule of others, or of another file, under an id that the file wants ends the command. */
export async function differenceTo(client: Client, desired: Desired): Promise<Difference> {
  const wanted = desired.schedules.map(({ scheduleId }) => scheduleId);
  const { ours, foreign, others } = await readSchedules(client, wanted);
  const taken = foreign.filter((id) => wanted.includes(id));
  if (taken.length > 0) throw notOurs(taken);
  const elsewhere = ours
    .filter(({ memo }) => fileNameOf(memo) !== desired.name)
    .map(({ scheduleId, memo }) => ({ scheduleId, name: scheduleNameOf(scheduleId), file: fileNameOf(memo) }));
  const claimed = elsewhere.filter(({ scheduleId }) => wanted.includes(scheduleId));
  if (claimed.length > 0) throw ofAnotherFile(claimed);
  const mine = ours.filter(({ memo }) => fileNameOf(memo) === desired.name);
  const untouched = { elsewhere: elsewhere.map(({ name, file }) => ({ name, file })), foreign, others };
  return { desired, changes: compareSchedules(desired, mine), untouched };
}

const ofAnotherFile = (claimed: Untouched['elsewhere']): CommandError =>
  new CommandError(
    'failed',
    `${claimed.map(({ name, file }) => `${name} was applied from ${fileText(file)}`).join(', ')}, so nothing was changed: ` +
      'give the entry another name here, give this file that name, or remove the schedule with `holdfast schedules delete`',
  );

export const fileText = (name: string | null): string =>
  name === null ? 'a file without a name' : `the file named ${name}`;
