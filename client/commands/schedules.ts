/** `holdfast schedules`: what runs when, by Temporal's schedules. */
import type { Command } from 'commander';
import { addSchedulesApply } from './schedules-apply.ts';
import { addSchedulesDelete } from './schedules-delete.ts';
import { addSchedulesDiff } from './schedules-diff.ts';
import { addSchedulesList } from './schedules-list.ts';
import { addSchedulesPause } from './schedules-pause.ts';
import { addSchedulesTrigger } from './schedules-trigger.ts';

export function addSchedules(program: Command): void {
  const schedules = program.command('schedules').description('make Temporal’s schedules match the file, and see them');
  for (const add of COMMANDS) add(schedules);
}

/** In the order in which one needs them. */
const COMMANDS = [
  addSchedulesDiff,
  addSchedulesApply,
  addSchedulesList,
  addSchedulesTrigger,
  addSchedulesPause,
  addSchedulesDelete,
];
