/** The filters of EC2's lists: all must hold, of a filter's values one. */
import { AwsError } from '../../service.ts';
import { like } from '../../wildcards.ts';

export interface Filter {
  readonly Name?: string;
  readonly Values?: readonly string[];
}

/** @param values what can be filtered by, besides tags */
export function fitsFilters(
  filters: readonly Filter[],
  values: Readonly<Record<string, string>>,
  tags: Readonly<Record<string, string>>,
): boolean {
  return filters.every(({ Name: name = '', Values: wanted = [] }) => {
    const given = valuesOf(name, values, tags);
    return wanted.some((pattern) => given.some((value) => like(pattern, value)));
  });
}

function valuesOf(
  name: string,
  values: Readonly<Record<string, string>>,
  tags: Readonly<Record<string, string>>,
): readonly string[] {
  if (name === 'tag-key') return Object.keys(tags);
  const found = name.startsWith('tag:') ? (tags[name.slice('tag:'.length)] ?? null) : values[name];
  if (found === undefined) throw new AwsError('InvalidParameterValue', `The filter '${name}' is invalid`);
  return found === null ? [] : [found];
}
