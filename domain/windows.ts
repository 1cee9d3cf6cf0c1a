/** When rebuilds may begin. Instants are epoch milliseconds; the calendar arithmetic is in `window-calendar.ts`. */
import type { Tag } from './selection.ts';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** Hours of some days, by the wall clock of a time zone. `to` before or at `from`: until then on the next day. */
export interface OpenHours {
  /** The days on which it begins. */
  readonly days: readonly Day[];
  /** `HH:MM`; `to` may be `24:00`. */
  readonly from: string;
  readonly to: string;
  /** IANA's name: `Europe/Berlin`. */
  readonly timeZone: string;
}

/** The WorkSpaces of one directory, those with one tag, or (both null) all others; the first rule that fits counts. */
export interface WindowRule {
  readonly directoryId: string | null;
  readonly tag: Tag | null;
  readonly open: readonly OpenHours[];
}

/** From `from` on, and not any more at `to`. */
export interface Opening {
  readonly from: number;
  readonly to: number;
}

/** The rule that a WorkSpace falls under: its index; null: none, so that it may begin at any time. */
export function windowRuleOf(
  rules: readonly WindowRule[],
  workspace: { readonly directoryId: string; readonly tags: Readonly<Record<string, string>> },
): number | null {
  const index = rules.findIndex(
    ({ directoryId, tag }) =>
      (directoryId === null || directoryId === workspace.directoryId) &&
      (tag === null || workspace.tags[tag.key] === tag.value),
  );
  return index === -1 ? null : index;
}
