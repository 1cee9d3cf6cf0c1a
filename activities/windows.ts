/**
 * When windows are open. An activity although it asks nobody: the answer depends on the time-zone data of the machine,
 * and stands in the history, so that a workflow decides the same on every worker and after every update of that data.
 */
import { openingsOf } from '../domain/window-calendar.ts';
import type { Opening, WindowRule } from '../domain/windows.ts';

const DAY = 24 * 3_600_000;

export const createWindowsActivities = () => ({
  /**
   * Computes when each rule is open, one list a rule, cut at both ends; calls nobody, and repeating it changes nothing.
   * A worker that does not know a time zone fails, until one does that knows it.
   */
  async openings(input: {
    readonly windows: readonly WindowRule[];
    /** ISO. */
    readonly from: string;
    readonly days: number;
  }): Promise<{ readonly openings: readonly (readonly Opening[])[] }> {
    const from = Date.parse(input.from);
    return { openings: input.windows.map(({ open }) => openingsOf(open, from, from + input.days * DAY)) };
  },
});
