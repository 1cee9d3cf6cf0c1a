/** Flags that hold several values: repeated, in one text, or in a file. */
import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import type { Tag } from '../domain/selection.ts';
import { parseDuration } from './duration.ts';

/** For commander: gathers what a repeated flag is given. */
export const repeated =
  <T>(parse: (value: string) => T) =>
  (value: string, before: readonly T[] = []): readonly T[] => [...before, parse(value)];

/** For commander: values with commas between them. */
export const commas = (value: string): readonly string[] => value.split(',').map((each) => each.trim());

export function parseTag(value: string): Tag {
  const at = value.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('give Key=Value, such as Env=Prod');
  return { key: value.slice(0, at), value: value.slice(at + 1) };
}

/** For commander: seconds or durations with commas between them; `0` alone is none. */
export function durations(value: string): readonly number[] {
  const seconds = commas(value).map(parseDuration);
  if (seconds.some((each) => each === null)) {
    throw new InvalidArgumentError('give seconds or durations, such as 600 or 30m,5m; 0 for none');
  }
  return value.trim() === '0' ? [] : (seconds as number[]);
}

/**
 * For commander: the ids in a file, the first on each line, in the order of the file. A line of column names, as in the
 * CSV report, and what follows a # are no ids.
 */
export function idsInFile(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new InvalidArgumentError(`it cannot be read: ${(error as Error).message}`);
  }
  const ids = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map(firstCell)
    .filter((cell) => cell !== '' && cell !== 'WorkspaceId');
  const wrong = ids.find((id) => !/^ws-[0-9a-z]{8,63}$/.test(id));
  if (wrong !== undefined) {
    throw new InvalidArgumentError(`${JSON.stringify(wrong)} is no WorkSpace id: give one ws-… a line`);
  }
  if (ids.length === 0) throw new InvalidArgumentError('it names no WorkSpace: give one ws-… a line');
  return [...new Set(ids)];
}

const firstCell = (line: string): string =>
  (line.replace(/#.*/, '').split(',')[0] ?? '').trim().replace(/^"(.*)"$/, '$1');
