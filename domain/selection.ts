/** Which WorkSpaces an operation is for: by tags, ids, directories, or all of a bundle. */

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** A WorkSpace is selected when every part that is given holds; a part that is empty is not given. */
export interface Selection {
  /** It carries all of these tags. */
  readonly allOf: readonly Tag[];
  /** It carries at least one of these tags. */
  readonly anyOf: readonly Tag[];
  /** It carries none of these tags. */
  readonly noneOf: readonly Tag[];
  /** It is one of these. */
  readonly workspaceIds: readonly string[];
  /** It is in one of these directories. */
  readonly directoryIds: readonly string[];
}

export const NO_SELECTION: Selection = { allOf: [], anyOf: [], noneOf: [], workspaceIds: [], directoryIds: [] };

/** Whether its tags allow it. `tags`: value by key. */
export function tagsMatch(
  { allOf, anyOf, noneOf }: Pick<Selection, 'allOf' | 'anyOf' | 'noneOf'>,
  tags: Readonly<Record<string, string>>,
): boolean {
  const carries = ({ key, value }: Tag): boolean => tags[key] === value;
  return allOf.every(carries) && (anyOf.length === 0 || anyOf.some(carries)) && !noneOf.some(carries);
}

/** What the tagging API can be asked at once: every key has to match, with one of its values. */
export type TagQuery = readonly { readonly key: string; readonly values: readonly string[] }[];

/** The most values of a key in one query. https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_TagFilter.html */
const VALUES_A_QUERY = 20;

/**
 * Queries whose answers together hold every WorkSpace that the tags can select, with its tags. Where the tags select
 * everything but some, they hold those some: who is in no answer carries none of the tags that are asked for.
 *
 * @param others tags that are to be known of the selected ones besides
 */
export function tagQueries(
  { allOf, anyOf, noneOf }: Pick<Selection, 'allOf' | 'anyOf' | 'noneOf'>,
  others: readonly Tag[],
): TagQuery[] {
  // A key with two values matches nobody: whichever is asked for, `tagsMatch` says no.
  if (allOf.length > 0) {
    return [
      [...new Map(allOf.map(({ key, value }) => [key, value]))].map(([key, value]) => ({ key, values: [value] })),
    ];
  }
  return queriesByKey(anyOf.length > 0 ? anyOf : [...noneOf, ...others]);
}

function queriesByKey(tags: readonly Tag[]): TagQuery[] {
  const byKey = new Map<string, Set<string>>();
  for (const { key, value } of tags) byKey.set(key, (byKey.get(key) ?? new Set()).add(value));
  return [...byKey].flatMap(([key, set]) => {
    const values = [...set];
    const queries: TagQuery[] = [];
    for (let from = 0; from < values.length; from += VALUES_A_QUERY) {
      queries.push([{ key, values: values.slice(from, from + VALUES_A_QUERY) }]);
    }
    return queries;
  });
}

/** `Env=Prod and (Team=A or Team=B) and not Vip=yes, 12 ids, directory d-…`, for people. */
export function selectionText({ allOf, anyOf, noneOf, workspaceIds, directoryIds }: Selection): string {
  const text = ({ key, value }: Tag): string => `${key}=${value}`;
  const any = anyOf.map(text).join(' or ');
  const tags = [
    ...allOf.map(text),
    ...(anyOf.length > 1 ? [`(${any})`] : anyOf.length === 1 ? [any] : []),
    ...noneOf.map((tag) => `not ${text(tag)}`),
  ].join(' and ');
  const ids = workspaceIds.length > 0 ? `${workspaceIds.length} ids` : '';
  const directories = directoryIds.length > 0 ? `directories ${directoryIds.join(' ')}` : '';
  return [tags, ids, directories].filter(Boolean).join(', ') || 'all of the bundle';
}
