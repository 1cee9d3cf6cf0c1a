/** Times by the calendar and by intervals, as Temporal's schedules take them. */

/** `start`, and every `step` from there up to `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** The times at which every field matches. */
export interface Calendar {
  readonly minute: readonly Range[];
  readonly hour: readonly Range[];
  readonly dayOfMonth: readonly Range[];
  /** From 1, January. */
  readonly month: readonly Range[];
  /** From 0, Sunday. */
  readonly dayOfWeek: readonly Range[];
  /** Empty: every year. */
  readonly year: readonly Range[];
}

/** Every so long, counted from the epoch and the offset. */
export interface Interval {
  readonly everySeconds: number;
  readonly offsetSeconds: number;
}

/** Whenever one of the calendars or intervals comes. */
export interface ScheduleSpec {
  readonly calendars: readonly Calendar[];
  readonly intervals: readonly Interval[];
}

/** The years that Temporal's calendars know: its server refuses others. */
export const FIRST_YEAR = 2000;
export const LAST_YEAR = 2100;

/** The numbers from `from` to `to`. */
export const span = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

/** Few ranges that hold just these numbers, and always the same ones for the same numbers. */
export function rangesOf(values: Iterable<number>): Range[] {
  const left = new Set([...values].toSorted((a, b) => a - b));
  const ranges: Range[] = [];
  for (const start of left) {
    const { step, length } = longest(start, left);
    const end = start + step * (length - 1);
    for (let each = start; each <= end; each += step) left.delete(each);
    ranges.push({ start, end, step });
  }
  return ranges;
}

/** The longest row of equal steps from there; two that do not touch are no row. */
function longest(start: number, values: ReadonlySet<number>): { step: number; length: number } {
  let best = { step: 1, length: 1 };
  for (const second of values) {
    const step = second - start;
    if (step <= 0) continue;
    let length = 2;
    while (values.has(start + step * length)) length += 1;
    if (length > best.length && (length > 2 || step === 1)) best = { step, length };
  }
  return best;
}
