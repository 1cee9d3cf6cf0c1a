/** A schedule as fields with a text each: what two of them are compared by, and what people are shown of it. */
import { createHash } from 'node:crypto';
import type { CalendarSpecDescription, ScheduleDescription } from '@temporalio/client';
import { appliedOf } from '../../domain/schedule-sight.ts';

/** A schedule as Temporal describes it, or as the file wants it described. */
export type Comparable = Pick<ScheduleDescription, 'scheduleId' | 'spec' | 'action' | 'policies' | 'state'>;

export type Fields = Readonly<Record<string, string>>;

export const fieldsOf = (schedule: Comparable): Fields => ({
  ...planOf(schedule),
  paused: String(schedule.state.paused),
  note: schedule.state.note || NONE,
  'paused in the file': String(appliedOf(schedule.action.memo)?.paused ?? false),
});

/** Of all but whether it is paused, which people change by hand. */
export const hashOf = (schedule: Comparable): string =>
  createHash('sha256')
    .update(JSON.stringify(planOf(schedule)))
    .digest('hex')
    .slice(0, 16);

const NONE = 'none';

/** What Holdfast never sets is there too, so that it is seen where somebody else has. */
function planOf({ spec, action, policies, state }: Comparable): Fields {
  const { skip = [], startAt, endAt, jitter = 0, timezone } = spec;
  return {
    times: timesText(spec),
    'time zone': timezone || 'UTC',
    jitter: exactly(jitter),
    'left out': skip.map(calendarText).join('; ') || NONE,
    'not before': startAt?.toISOString() ?? NONE,
    'not after': endAt?.toISOString() ?? NONE,
    'runs left': state.remainingActions === undefined ? 'all' : String(state.remainingActions),
    overlap: policies.overlap ?? NONE,
    'catch-up': exactly(policies.catchupWindow),
    'paused when a run fails': String(policies.pauseOnFailure),
    workflow: action.workflowType,
    'task queue': action.taskQueue,
    'workflow id': action.workflowId ?? NONE,
    summary: action.staticSummary ?? NONE,
    retries: action.retry ? JSON.stringify(action.retry) : NONE,
    timeouts: timeoutsText(action),
    ...flatten('', action.args?.[0] ?? null),
  };
}

function timeoutsText(action: Comparable['action']): string {
  const { workflowExecutionTimeout: execution, workflowRunTimeout: run, workflowTaskTimeout: task } = action;
  const set = Object.entries({ execution, run, task }).filter(([, timeout]) => timeout);
  return set.map(([name, timeout]) => `${name} ${exactly(Number(timeout))}`).join(', ') || NONE;
}

export const timesText = ({ calendars = [], intervals = [] }: Comparable['spec']): string =>
  [...calendars.map(calendarText), ...intervals.map(intervalText)].toSorted().join('; ');

function calendarText(calendar: CalendarSpecDescription): string {
  const { comment, ...fields } = calendar;
  const parts = Object.entries(fields).flatMap(([name, ranges]) => {
    const text = ranges.map(rangeText).join(',');
    return text === EVERY[name] ? [] : `${name} ${text}`;
  });
  return [...parts, ...(comment ? [`(${comment})`] : [])].join(', ');
}

/** Fields that say nothing more. */
const EVERY: Readonly<Record<string, string>> = {
  second: '0',
  dayOfMonth: '1-31',
  month: 'JANUARY-DECEMBER',
  dayOfWeek: 'SUNDAY-SATURDAY',
  year: '',
};

const rangeText = <T extends string | number>({ start, end, step }: { start: T; end: T; step: number }): string =>
  `${start}${end === start ? '' : `-${end}`}${step === 1 ? '' : `/${step}`}`;

const intervalText = ({ every, offset }: { readonly every: number; readonly offset: number }): string =>
  `every ${exactly(every)}${offset ? `, ${exactly(offset)} later` : ''}`;

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** `1h 30m`: nothing is rounded, as two that differ must not look alike. */
function exactly(milliseconds: number): string {
  let left = milliseconds;
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? [] : `${count}${unit}`;
  });
  return parts.join(' ') || '0';
}

/** Objects by the path to each of their values; lists as a whole. */
function flatten(path: string, value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { [path || 'input']: JSON.stringify(value) };
  const inner = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.assign({}, ...inner.map(([name, each]) => flatten(path ? `${path}.${name}` : name, each)));
}
