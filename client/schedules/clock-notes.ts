/** What the change of the clocks does to a schedule, in a sentence: it is told before the night in which it happens. */
import type { ScheduleEntry } from '../../config/index.ts';
import { clockChangesOf } from '../../domain/schedule-times.ts';

export function clockNotes({ spec, timeZone }: Pick<ScheduleEntry, 'spec' | 'timeZone'>, now: Date): string[] {
  const days = clockChangesOf(spec, timeZone, now);
  if (days.length === 0) return [];
  return [
    `the clocks of ${timeZone} change on ${days.join(', ')}, and Temporal leaves a run out then or has one more: another hour ` +
      'has neither',
  ];
}
