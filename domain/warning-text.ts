/** What a user reads before a rebuild. */
import type { Warnings } from './image-upgrade.ts';

/** The text with its placeholders filled in: {time} until the rebuild, {reason}, {contact}. */
export function warningText({ text, reason, contact }: Pick<Warnings, 'text' | 'reason' | 'contact'>, lead: number) {
  const values: Readonly<Record<string, string>> = { time: inWords(lead), reason, contact };
  return text.replaceAll(/\{(time|reason|contact)\}/g, (_all, name: string) => values[name] ?? '').trim();
}

const inWords = (seconds: number): string =>
  seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
