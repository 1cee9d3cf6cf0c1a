/** What people are shown of schedules and of what would be done to them. */
import type { ScheduledRunSight, ScheduleSight } from '../../domain/schedule-sight.ts';
import type { WatchdogResult } from '../../domain/schedule-watch.ts';
import { LATE_SECONDS } from '../../domain/schedules.ts';
import { formatDuration } from '../duration.ts';
import { minute, plural, table } from '../text.ts';
import type { ScheduleChange } from './compare.ts';
import { fileText, type Difference, type Untouched } from './difference.ts';

export interface Listed extends ScheduleSight {
  readonly name: string;
  /** What it starts, in a few words. */
  readonly starts: string;
}

export function diffText({ changes, untouched }: Difference): string {
  const width = Math.max(0, ...changes.map(({ name }) => name.length));
  const lines = changes.flatMap(({ what, name, fields, notes }) => [
    `${what.padEnd(WIDEST)}  ${name.padEnd(width)}${notes.length > 0 ? `  ${notes.join('; ')}` : ''}`,
    ...fields.map(({ field, from, to }) => `${''.padEnd(WIDEST)}    ${field}: ${from} → ${to}`),
  ]);
  return [...lines.map((line) => line.trimEnd()), ...untouchedLines(untouched), countsText(changes)].join('\n');
}

function untouchedLines({ elsewhere, foreign, others }: Untouched): string[] {
  const files = Map.groupBy(elsewhere, ({ file }) => file);
  return [
    ...[...files].map(([file, of]) => `Of ${fileText(file)}, and left alone: ${of.map(({ name }) => name).join(', ')}`),
    ...(foreign.length === 0 ? [] : [`Not Holdfast’s, and left alone: ${foreign.join(', ')}`]),
    ...(others === 0 ? [] : [`Left alone: ${plural(others, 'schedule')} of other programs`]),
  ];
}

const WIDEST = 'unchanged'.length;

function countsText(changes: readonly ScheduleChange[]): string {
  const count = (what: ScheduleChange['what']): number => changes.filter((each) => each.what === what).length;
  const over = count('over') > 0 ? `, ${count('over')} over` : '';
  return `${count('create')} to create, ${count('change')} to change, ${count('delete')} to delete, ${count('unchanged')} unchanged${over}`;
}

export function listText(listed: readonly Listed[], watchdog: WatchdogResult | null): string {
  if (listed.length === 0) return 'There are no schedules: declare some, and make them with `holdfast schedules apply`';
  const rows = listed.map((each) => [
    each.name,
    each.starts,
    each.paused ? `paused${each.note ? `: ${each.note}` : ''}` : each.nextAt === null ? 'never' : minute(each.nextAt),
    each.runs[0] ? runText(each.runs[0]) : '–',
    [each.missed, each.skipped, each.dropped].join(' / '),
  ]);
  const drawn = table(['schedule', 'starts', 'next run', 'last run', 'missed / skipped / dropped'], rows);
  return `${drawn}\n\n${watchdogText(watchdog)}`;
}

function runText({ scheduledAt, startedAt, status, outcome }: ScheduledRunSight): string {
  const late = (Date.parse(startedAt) - Date.parse(scheduledAt)) / 1000;
  const how = status === 'COMPLETED' ? (outcome ?? 'completed') : status.toLowerCase().replace('_', ' ');
  return `${minute(startedAt)}${late > LATE_SECONDS ? `, ${formatDuration(late)} late` : ''}: ${how}`;
}

function watchdogText(watchdog: WatchdogResult | null): string {
  if (watchdog === null) return 'The watchdog has not looked yet';
  const { lookedAt, findings, untold } = watchdog;
  const looked = `The watchdog looked at ${minute(lookedAt)}`;
  if (findings.length === 0) return `${looked}: all is well`;
  return [
    `${looked}: ${plural(findings.length, 'finding')}`,
    ...findings.map(({ schedule, text }) => `  ${schedule}: ${text}`),
    ...(untold === null ? [] : [`  operators could not be told: ${untold}`]),
  ].join('\n');
}
