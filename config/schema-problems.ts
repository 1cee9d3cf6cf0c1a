/** What the schema finds wrong, in sentences. */
import type { z } from 'zod';
import { shown } from '../domain/field-rules.ts';
import { knownText } from './nearest.ts';
import type { Complaint, Path } from './problem.ts';
import { schema } from './schema.ts';
import { valueAt, type Source } from './source.ts';

export interface Found extends Complaint {
  readonly path: Path;
  /** It is the name that is wrong, not the value. */
  readonly on: 'name' | 'value';
}

export function schemaProblems(data: unknown, source: Source): Found[] {
  const parsed = schema.safeParse(data);
  return parsed.success ? [] : parsed.error.issues.flatMap((issue) => foundBy(issue, data, source));
}

function foundBy(issue: z.core.$ZodIssue, data: unknown, source: Source): Found[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const allowed = issue.message;
  if (issue.code === 'unrecognized_keys') {
    const known = JSON.parse(allowed) as string[];
    return issue.keys.map((key) => ({
      path: [...path, key],
      on: 'name',
      message: `is not known: ${knownText(key, known)}`,
      allowed: known.join(', '),
    }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path, on: 'name', message: `must have a name of ${allowed}, got ${shown(path.at(-1))}`, allowed }];
  }
  const value = valueAt(data, path);
  if (value === undefined) return [{ path, on: 'value', message: `is missing: give ${allowed}`, allowed }];
  return [{ path, on: 'value', message: `must be ${allowed}, got ${got(issue, path, value, source)}`, allowed }];
}

/** As it is written, so that nothing is shown that came from the environment. */
function got(issue: z.core.$ZodIssue, path: Path, value: unknown, source: Source): string {
  const written = source.writtenAt(path);
  const wantsText = issue.code === 'invalid_type' && issue.expected === 'string';
  if (typeof value === 'string') return shown(written ?? value);
  if (!wantsText || written === undefined || value === null) return shown(value);
  const read = shown(value) === written ? '' : `, which YAML reads as ${shown(value)}`;
  return `the ${typeof value} ${written}${read}: put it in quotes, ${JSON.stringify(written)}`;
}
