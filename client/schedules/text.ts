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

export interface WatchdogSight {
  readonly name: string;
  /** Milliseconds. */
  readonly every: number;
  readonly paused: boolean;
  /** What its last run that came to its end has found; null: none of those that Temporal knows of has. */
  readonly result: WatchdogResult | null;
  /** The newest run that has ended, where it did not come to its end. */
  readonly lastBadEnd: string | null;
  /** It has not looked for two of its intervals. */
  readonly isBlind: boolean;
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

export function listText(listed: readonly Listed[], watchdogs: readonly WatchdogSight[]): string {
  if (listed.length === 0) return 'There are no schedules: declare some, and make them with `holdfast schedules apply`';
  const rows = listed.map((each) => [
    each.name,
    each.starts,
    each.paused ? `paused${each.note ? `: ${each.note}` : ''}` : each.nextAt === null ? 'never' : minute(each.nextAt),
    each.runs[0] ? runText(each.runs[0]) : '–',
    [each.missed, each.skipped, each.dropped].join(' / '),
  ]);
  const drawn = table(['schedule', 'starts', 'next run', 'last run', 'missed / skipped / dropped'], rows);
  return [drawn, ...watchdogs.map(watchdogText)].join('\n\n');
}

function runText({ scheduledAt, startedAt, status, outcome }: ScheduledRunSight): string {
  const late = (Date.parse(startedAt) - Date.parse(scheduledAt)) / 1000;
  const how = status === 'COMPLETED' ? (outcome ?? 'completed') : status.toLowerCase().replace('_', ' ');
  return `${minute(startedAt)}${late > LATE_SECONDS ? `, ${formatDuration(late)} late` : ''}: ${how}`;
}

function watchdogText({ name, every, paused, result, lastBadEnd, isBlind }: WatchdogSight): string {
  const often = `(every ${formatDuration(every / 1000)}${paused ? ', paused' : ''})`;
  const failed = lastBadEnd === null ? [] : [`  its last run failed: ${lastBadEnd}`];
  if (result === null) return [`The ${name} has not looked yet ${often}`, ...failed].join('\n');
  const { lookedAt, findings, untold } = result;
  const looked = isBlind
    ? `The ${name} has not looked since ${minute(lookedAt)} ${often}`
    : `The ${name} looked at ${minute(lookedAt)}`;
  if (findings.length === 0) return [`${looked}: all was well`, ...failed].join('\n');
  return [
    `${looked}: ${plural(findings.length, 'finding')}`,
    ...findings.map(({ schedule, text }) => `  ${schedule}: ${text}`),
    ...(untold === null ? [] : [`  operators could not be told: ${untold}`]),
    ...failed,
  ].join('\n');
}
