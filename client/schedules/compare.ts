/** What has to be done to the schedules in Temporal so that they are as the file wants them. */
import type { ScheduleDescription } from '@temporalio/client';
import { appliedOf, isPausedByFile } from '../../domain/schedule-sight.ts';
import { scheduleNameOf } from '../../domain/schedules.ts';
import type { Desired } from './desired.ts';
import { fieldsOf, hashOf, timesText, type Comparable } from './fields.ts';

export interface ScheduleChange {
  readonly name: string;
  readonly scheduleId: string;
  /** `over`: it has no time left and is gone, as it should be. */
  readonly what: 'create' | 'change' | 'unchanged' | 'delete' | 'over';
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

/** @param ours of this file's name, as Temporal describes them */
export function compareSchedules(
  { schedules, over, notes }: Desired,
  ours: readonly ScheduleDescription[],
): ScheduleChange[] {
  const wanted = schedules.map((each) => {
    const present = ours.find(({ scheduleId }) => scheduleId === each.scheduleId);
    const ended = over.includes(each.scheduleId) ? ['no time is left'] : [];
    const clocks = notes[each.scheduleId] ?? [];
    if (present) return compare(each, present, [...ended, ...clocks]);
    if (ended.length > 0) return changeOf(each, 'over', [], ended);
    return changeOf(each, 'create', [], [whatText(each), ...notesOn(each), ...clocks]);
  });
  const unwanted = ours.filter(({ scheduleId }) => !schedules.some((each) => each.scheduleId === scheduleId));
  return [...wanted, ...unwanted.map((each) => changeOf(each, 'delete', [], fromWhere(each)))];
}

const changeOf = (
  { scheduleId }: Pick<Comparable, 'scheduleId'>,
  what: ScheduleChange['what'],
  fields: readonly FieldChange[],
  notes: readonly string[],
): ScheduleChange => ({ name: scheduleNameOf(scheduleId), scheduleId, what, fields, notes });

function compare(desired: Comparable, present: ScheduleDescription, known: readonly string[]): ScheduleChange {
  const from = fieldsOf(present);
  const to = fieldsOf(keepPause(desired, present));
  const names = [...new Set([...Object.keys(to), ...Object.keys(from)])];
  const differing = names.flatMap((field) =>
    from[field] === to[field] ? [] : { field, from: from[field] ?? '–', to: to[field] ?? '–' },
  );
  const fields = differing.length > 0 ? differing : memoChange(desired, present);
  const notes = [...editNotes(present), ...pauseNotes(present), ...known];
  return fields.length === 0
    ? changeOf(desired, 'unchanged', [], notes)
    : changeOf(desired, 'change', fields, [...notes, ...notesOn(desired), ...evidenceNotes(fields)]);
}

/** Without the hash of what was applied, a later change by hand would not be seen as one. */
function memoChange(desired: Comparable, present: ScheduleDescription): FieldChange[] {
  const from = appliedOf(present.action.memo)?.hash ?? 'not known';
  const to = appliedOf(desired.action.memo)?.hash ?? from;
  return from === to ? [] : [{ field: 'what it was applied as', from, to }];
}

/** A pause by hand outlives an apply, also one that came on top of the file's: it ends by hand. */
export function keepPause<T extends Comparable>(desired: T, present: ScheduleDescription): T {
  if (!isPausedByHand(present)) return desired;
  return { ...desired, state: { ...desired.state, paused: true, note: present.state.note ?? '' } };
}

const isPausedByHand = ({ state, action }: ScheduleDescription): boolean =>
  state.paused && !isPausedByFile(state, appliedOf(action.memo));

function pauseNotes(present: ScheduleDescription): string[] {
  if (!isPausedByHand(present)) return [];
  const { note } = present.state;
  return [`it was paused by hand${note ? ` (${note})` : ''}, and stays so`];
}

function editNotes(present: ScheduleDescription): string[] {
  const hash = appliedOf(present.action.memo)?.hash;
  return hash === undefined || hash === hashOf(present) ? [] : ['somebody has changed it since it was applied'];
}

const whatText = ({ action, spec, state }: Comparable): string =>
  `${action.staticSummary ?? action.workflowType}: ${timesText(spec)} (${spec.timezone})${state.paused ? ', paused' : ''}`;

const fromWhere = ({ action }: ScheduleDescription): string[] => [
  `no longer in the file (it was applied from ${appliedOf(action.memo)?.file ?? 'one that is not known'}): ` +
    '`schedules apply --delete` removes it',
];

/** AWS does not say from which image a WorkSpace was built, so nothing shows that it has been upgraded already. */
function notesOn({ spec, action }: Comparable): string[] {
  const { capability } = (action.args?.[0] ?? {}) as { readonly capability?: string };
  if (capability !== 'imageUpgrade' || isOnce(spec)) return [];
  return [`each run rebuilds all WorkSpaces that the policy selects, also those that an earlier run has upgraded`];
}

/** A custody's index is there too, by which it knows what is settled. */
const EVIDENCE = /(^|\.)policy\.evidence\.(target|place\.(bucket|prefix)$)/;

const evidenceNotes = (fields: readonly FieldChange[]): string[] =>
  fields.some(({ field }) => EVIDENCE.test(field))
    ? [
        'its evidence is to be elsewhere, where nothing is known of what is settled: every recovery point that AWS still has gets a ' +
          'custody anew, unless all that lies below the old prefix is copied there first',
      ]
    : [];

/** One minute of one day of one year. */
function isOnce({ calendars = [], intervals = [] }: Comparable['spec']): boolean {
  const [calendar, ...others] = calendars;
  if (calendar === undefined || others.length > 0 || intervals.length > 0) return false;
  const { minute, hour, dayOfMonth, month, year } = calendar;
  return [minute, hour, dayOfMonth, month, year].every(([range, ...more]) => {
    return range !== undefined && range.start === range.end && more.length === 0;
  });
}

export const isChanged = ({ what }: ScheduleChange): boolean => what !== 'unchanged' && what !== 'over';
