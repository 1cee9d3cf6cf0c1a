/**
 * `${NAME}` in values. Only what the schema says may come from the environment does, and only what the file declares:
 * whoever reads the file knows all that it depends on.
 */
import { fromEnvironment } from './fields.ts';
import { knownText } from './nearest.ts';
import type { Complain, Path } from './problem.ts';
import { typeAt } from './schema-type.ts';
import { valueAt } from './source.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\{([^}]*)\}/g;

/** The data with the values put in; what cannot be put in is told, and stays. */
export function withEnvironment(data: unknown, environment: Environment, complain: Complain): unknown {
  const list = valueAt(data, ['environment']);
  const declared = Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
  const filled = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return fill(value, path, declared, environment, complain);
    if (Array.isArray(value)) return value.map((each, index) => filled(each, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, [...path, key])]));
  };
  return filled(data, []);
}

function fill(
  value: string,
  path: Path,
  declared: readonly string[],
  environment: Environment,
  complain: Complain,
): string {
  if (!value.includes('${')) return value;
  const type = typeAt(path);
  // The schema tells that it is not known.
  if (type === undefined) return value;
  if (fromEnvironment.get(type) === undefined) {
    complain(path, {
      message:
        `must be written out, got ${JSON.stringify(value)}: only role ARNs, external ids, buckets, topics and keys may ` +
        'come from the environment',
    });
    return value;
  }
  const names = [...value.matchAll(REFERENCE)].map(([, name = '']) => name);
  const undeclared = names.filter((name) => !declared.includes(name));
  const unset = names.filter((name) => declared.includes(name) && !environment[name]);
  for (const name of undeclared) {
    complain(path, { message: `names $\{${name}}, which environment does not declare: ${knownText(name, declared)}` });
  }
  for (const name of unset)
    complain(path, { message: `needs the environment variable ${name}, which is not set: set it` });
  if (names.length === 0)
    complain(path, { message: `has no } after \${: write $\{NAME}, got ${JSON.stringify(value)}` });
  return undeclared.length + unset.length > 0
    ? value
    : value.replaceAll(REFERENCE, (_, name) => environment[name] ?? '');
}
