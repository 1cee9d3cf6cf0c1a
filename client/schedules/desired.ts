/** The schedules that the file asks for, as Temporal describes schedules. */
import { DAYS_OF_WEEK, MONTHS, type CalendarSpecDescription } from '@temporalio/client';
import type { Config, ScheduleEntry } from '../../config/index.ts';
import type { Calendar, Range } from '../../domain/calendar.ts';
import type { Applied } from '../../domain/schedule-sight.ts';
import {
  LATE_SECONDS,
  SCHEDULE_MEMO,
  scheduledRunId,
  scheduleIdOf,
  watchdogName,
  type DeclaredSchedule,
  type ScheduledRunInput,
  type WatchdogInput,
} from '../../domain/schedules.ts';
import { clockNotes } from './clock-notes.ts';
import { lastTimeOf } from '../../domain/schedule-times.ts';
import type { SearchAttribute } from '../../domain/search-attributes.ts';
import { TASK_QUEUE, type Target } from '../../domain/target.ts';
import { hashOf, type Comparable } from './fields.ts';

export interface Desired {
  /** The file's: what was applied from a file of another name is not touched. */
  readonly name: string | null;
  /** Spelled out where Temporal has a default, so that they can be compared with what Temporal describes. */
  readonly schedules: readonly Comparable[];
  /** Ids of those that have no time left: Temporal removes them after a while, and they are not made again. */
  readonly over: readonly string[];
  /** By id, what is good to know of it. */
  readonly notes: Readonly<Record<string, readonly string[]>>;
}

export function desiredSchedules(config: Config, file: string): Desired {
  const declared = Object.values(config.schedules).map(({ name, spec, timeZone }) => {
    return { id: scheduleIdOf(name), lastAt: lastTimeOf(spec, timeZone) };
  });
  const entries = Object.values(config.schedules).map((entry) => scheduleOf(entry, config));
  const all = entries.length === 0 ? [] : [...entries, watchdogOf(declared, config)];
  return {
    name: config.name,
    schedules: all.map((each) => withMemo(each, file)),
    over: declared.flatMap(({ id, lastAt }) => (lastAt !== null && Date.parse(lastAt) < Date.now() ? id : [])),
    notes: Object.fromEntries(
      Object.values(config.schedules).map((entry) => [scheduleIdOf(entry.name), clockNotes(entry, new Date())]),
    ),
  };
}

const OVERLAP = {
  skip: 'SKIP',
  bufferOne: 'BUFFER_ONE',
  bufferAll: 'BUFFER_ALL',
  cancelOther: 'CANCEL_OTHER',
  allowAll: 'ALLOW_ALL',
} as const satisfies Record<ScheduleEntry['overlap'], string>;

function scheduleOf(entry: ScheduleEntry, config: Config): Comparable {
  const { name, spec, starts } = entry;
  return {
    scheduleId: scheduleIdOf(name),
    spec: {
      calendars: spec.calendars.map(calendarOf),
      intervals: spec.intervals.map(({ everySeconds, offsetSeconds }) => ({
        every: everySeconds * 1000,
        offset: offsetSeconds * 1000,
      })),
      skip: [],
      jitter: entry.jitterSeconds * 1000,
      timezone: entry.timeZone,
    },
    action: {
      type: 'startWorkflow',
      workflowType: 'scheduledRun',
      workflowId: scheduledRunId(name),
      taskQueue: TASK_QUEUE,
      args: [runOf(entry, config)],
      searchAttributes: {
        HoldfastCapability: ['scheduled-run'],
        HoldfastHealth: ['ok'],
        ...whereOf(starts.target),
        HoldfastResource: [name],
      },
      staticSummary: `${starts.capability} ${starts.policy}`,
    },
    policies: {
      overlap: OVERLAP[entry.overlap],
      catchupWindow: entry.catchUpSeconds * 1000,
      pauseOnFailure: false,
    },
    state: { paused: entry.paused, note: entry.note ?? '' },
  };
}

const whereOf = (target: Target | null): Partial<Record<SearchAttribute, string[]>> =>
  target === null ? {} : { HoldfastAccount: [target.account], HoldfastRegion: [target.region] };

/** The policies that schedules name are there: the file was judged when it was read. */
function runOf(entry: ScheduleEntry, config: Config): ScheduledRunInput {
  const { name: schedule, jitterSeconds } = entry;
  // While workers are exchanged there is none for a few minutes.
  const startWithinSeconds = Math.max(entry.catchUpSeconds, LATE_SECONDS);
  const { capability, policy } = entry.starts;
  const named = config[capability][policy];
  const input = capability === 'custody' ? { policy: named } : named;
  return {
    schedule,
    startWithinSeconds,
    jitterSeconds,
    mayRepeat: mayRepeat(entry),
    capability,
    input,
  } as ScheduledRunInput;
}

/** Of one that comes in two hours after each other nobody could tell what is a repetition. */
function mayRepeat({ spec, timeZone }: ScheduleEntry): boolean {
  const isDueIn = (hour: number): boolean =>
    spec.calendars.some((calendar) =>
      calendar.hour.some(({ start, end, step }) => hour >= start && hour <= end && (hour - start) % step === 0),
    );
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const isHourly = hours.some((hour) => isDueIn(hour) && isDueIn((hour + 1) % 24));
  return timeZone !== 'UTC' && spec.calendars.length > 0 && !isHourly;
}

function watchdogOf(declared: readonly DeclaredSchedule[], { name, watchdog }: Config): Comparable {
  const input: WatchdogInput = {
    schedules: declared.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    file: name,
    operatorTopicArn: watchdog.operatorTopicArn,
  };
  return {
    scheduleId: scheduleIdOf(watchdogName(name)),
    spec: {
      calendars: [],
      intervals: [{ every: watchdog.everySeconds * 1000, offset: 0 }],
      skip: [],
      jitter: 0,
      timezone: 'UTC',
    },
    action: {
      type: 'startWorkflow',
      workflowType: 'scheduleWatchdog',
      workflowId: `schedule-watchdog${name === null ? '' : `/${name}`}`,
      taskQueue: TASK_QUEUE,
      args: [input],
      searchAttributes: { HoldfastCapability: ['schedule-watchdog'], HoldfastHealth: ['ok'] },
      staticSummary: 'looks for scheduled runs that did not take place',
    },
    policies: { overlap: 'SKIP', catchupWindow: 60_000, pauseOnFailure: false },
    state: { paused: false, note: '' },
  };
}

function withMemo(schedule: Comparable, file: string): Comparable {
  const applied: Applied = {
    file,
    hash: hashOf(schedule),
    paused: schedule.state.paused,
    note: schedule.state.note ?? '',
  };
  return { ...schedule, action: { ...schedule.action, memo: { [SCHEDULE_MEMO]: applied } } };
}

const calendarOf = (calendar: Calendar): CalendarSpecDescription => ({
  second: [{ start: 0, end: 0, step: 1 }],
  minute: [...calendar.minute],
  hour: [...calendar.hour],
  dayOfMonth: [...calendar.dayOfMonth],
  month: named(calendar.month, (month) => MONTHS[month - 1]),
  dayOfWeek: named(calendar.dayOfWeek, (day) => DAYS_OF_WEEK[day]),
  year: [...calendar.year],
  comment: '',
});

/** Temporal's client has names for months and days. @param nameOf of numbers that the file's judge has let pass */
const named = <Name>(ranges: readonly Range[], nameOf: (number: number) => Name | undefined) =>
  ranges.map(({ start, end, step }) => ({ start: nameOf(start) as Name, end: nameOf(end) as Name, step }));
