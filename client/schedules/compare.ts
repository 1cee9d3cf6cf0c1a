/** What has to be done to the schedules in Temporal so that they are as the file wants them. */
import type { ScheduleDescription } from '@temporalio/client';
import { appliedOf } from '../../domain/schedule-sight.ts';
import { scheduleNameOf } from '../../domain/schedules.ts';
import { fieldsOf, hashOf, timesText, type Comparable } from './fields.ts';

export interface ScheduleChange {
  readonly name: string;
  readonly scheduleId: string;
  readonly what: 'create' | 'change' | 'unchanged' | 'delete';
  /** Of `change`: each field that differs. */
  readonly fields: readonly FieldChange[];
  /** What is good to know about it, a sentence each. */
  readonly notes: readonly string[];
}

interface FieldChange {
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

/** @param ours as Temporal describes them */
export function compareSchedules(
  desired: readonly Comparable[],
  ours: readonly ScheduleDescription[],
): ScheduleChange[] {
  const wanted = desired.map((each) => {
    const present = ours.find(({ scheduleId }) => scheduleId === each.scheduleId);
    return present ? compare(each, present) : changeOf(each, 'create', [], [whatText(each), ...notesOn(each)]);
  });
  const unwanted = ours.filter(({ scheduleId }) => !desired.some((each) => each.scheduleId === scheduleId));
  return [...wanted, ...unwanted.map((each) => changeOf(each, 'delete', [], fromWhere(each)))];
}

const changeOf = (
  { scheduleId }: Pick<Comparable, 'scheduleId'>,
  what: ScheduleChange['what'],
  fields: readonly FieldChange[],
  notes: readonly string[],
): ScheduleChange => ({ name: scheduleNameOf(scheduleId), scheduleId, what, fields, notes });

function compare(desired: Comparable, present: ScheduleDescription): ScheduleChange {
  const from = fieldsOf(present);
  const to = fieldsOf(keepPause(desired, present));
  const names = [...new Set([...Object.keys(to), ...Object.keys(from)])];
  const fields = names.flatMap((field) =>
    from[field] === to[field] ? [] : { field, from: from[field] ?? '–', to: to[field] ?? '–' },
  );
  const notes = [...editNotes(present), ...pauseNotes(desired, present)];
  return fields.length === 0
    ? changeOf(desired, 'unchanged', [], notes)
    : changeOf(desired, 'change', fields, [...notes, ...notesOn(desired)]);
}

/** A pause by hand outlives an apply: it ends by hand, or when the file has said `paused: true` and does so no more. */
export function keepPause<T extends Comparable>(desired: T, present: ScheduleDescription): T {
  if (!isPausedByHand(present) || desired.state.paused) return desired;
  return { ...desired, state: { ...desired.state, paused: true, note: present.state.note ?? '' } };
}

const isPausedByHand = ({ state, action }: ScheduleDescription): boolean =>
  state.paused && !(appliedOf(action.memo)?.paused ?? false);

function pauseNotes(desired: Comparable, present: ScheduleDescription): string[] {
  if (desired.state.paused || !isPausedByHand(present)) return [];
  const { note } = present.state;
  return [`it was paused by hand${note ? ` (${note})` : ''}, and stays so`];
}

function editNotes(present: ScheduleDescription): string[] {
  const hash = appliedOf(present.action.memo)?.hash;
  return hash === hashOf(present) ? [] : ['somebody has changed it since it was applied'];
}

const whatText = ({ action, spec, state }: Comparable): string =>
  `${action.staticSummary ?? action.workflowType}: ${timesText(spec)} (${spec.timezone})${state.paused ? ', paused' : ''}`;

const fromWhere = ({ action }: ScheduleDescription): string[] => [
  `it is not in the file, and was applied from ${appliedOf(action.memo)?.file ?? 'a file that is not known'}`,
];

/** AWS does not say from which image a WorkSpace was built, so nothing shows that it has been upgraded already. */
function notesOn({ spec, action }: Comparable): string[] {
  const { capability } = (action.args?.[0] ?? {}) as { readonly capability?: string };
  if (capability !== 'imageUpgrade' || isOnce(spec)) return [];
  return [`each run rebuilds all WorkSpaces that the policy selects, also those that an earlier run has upgraded`];
}

/** One minute of one day of one year. */
function isOnce({ calendars = [], intervals = [] }: Comparable['spec']): boolean {
  const [calendar, ...others] = calendars;
  if (calendar === undefined || others.length > 0 || intervals.length > 0) return false;
  const { minute, hour, dayOfMonth, month, year } = calendar;
  return [minute, hour, dayOfMonth, month, year].every(([range, ...more]) => {
    return range !== undefined && range.start === range.end && more.length === 0;
  });
}

export const isChanged = ({ what }: ScheduleChange): boolean => what !== 'unchanged';
