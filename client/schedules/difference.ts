/** The difference between the file and the schedules in Temporal, as `schedules diff` and `apply` both begin. */
import type { Client } from '@temporalio/client';
import { readConfig } from '../config-file.ts';
import { compareSchedules, type ScheduleChange } from './compare.ts';
import { desiredSchedules } from './desired.ts';
import type { Comparable } from './fields.ts';
import { notOurs, readSchedules } from './server.ts';

export interface Difference {
  readonly desired: readonly Comparable[];
  readonly changes: readonly ScheduleChange[];
  /** Ids of schedules that others made. */
  readonly foreign: readonly string[];
}

/** The file is judged before a server is asked. */
export function desiredBy(file: string): Comparable[] {
  return desiredSchedules(readConfig(file), file);
}

/** A schedule of others under an id that the file wants ends the command. */
export async function differenceTo(client: Client, desired: readonly Comparable[]): Promise<Difference> {
  const wanted = desired.map(({ scheduleId }) => scheduleId);
  const { ours, foreign } = await readSchedules(client, wanted);
  const taken = foreign.filter((id) => wanted.includes(id));
  if (taken.length > 0) throw notOurs(taken);
  return { desired, changes: compareSchedules(desired, ours), foreign };
}
