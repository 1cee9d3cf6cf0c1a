/** The schedules that the file asks for, as Temporal describes schedules. */
import { DAYS_OF_WEEK, MONTHS, type CalendarSpecDescription } from '@temporalio/client';
import type { Config, ScheduleEntry } from '../../config/index.ts';
import type { Calendar, Range } from '../../domain/calendar.ts';
import type { Applied } from '../../domain/schedule-sight.ts';
import {
  SCHEDULE_MEMO,
  scheduledRunId,
  scheduleIdOf,
  WATCHDOG,
  type ScheduledRunInput,
  type WatchdogInput,
} from '../../domain/schedules.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { hashOf, type Comparable } from './fields.ts';

/** Spelled out where Temporal has a default, so that they can be compared with what Temporal describes. */
export function desiredSchedules(config: Config, file: string): Comparable[] {
  const entries = Object.values(config.schedules).map((entry) => scheduleOf(entry, config));
  const all = entries.length === 0 ? [] : [...entries, watchdogOf(entries, config)];
  return all.map((each) => withMemo(each, file));
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
  const { account, region } = starts.target;
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
        HoldfastAccount: [account],
        HoldfastRegion: [region],
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

/** The policies that schedules name are there: the file was judged when it was read. */
function runOf({ name: schedule, starts }: ScheduleEntry, config: Config): ScheduledRunInput {
  const { capability, policy } = starts;
  const input = config[capability][policy];
  return { schedule, capability, input } as ScheduledRunInput;
}

function watchdogOf(entries: readonly Comparable[], { watchdog }: Config): Comparable {
  const input: WatchdogInput = {
    schedules: entries.map(({ scheduleId }) => scheduleId).toSorted(),
    operatorTopicArn: watchdog.operatorTopicArn,
  };
  return {
    scheduleId: scheduleIdOf(WATCHDOG),
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
      workflowId: 'schedule-watchdog',
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
  const applied: Applied = { file, hash: hashOf(schedule), paused: schedule.state.paused };
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
