/** Whether a rule takes all that a later one asks for, so that the later one never matches. */
import type { RuleMatch } from './custody.ts';
import type { Tag } from './selection.ts';
import type { Target } from './target.ts';

export function coversAllOf(earlier: RuleMatch, later: RuleMatch, sources: readonly Target[]): boolean {
  const accounts = sources.map(({ account }) => account);
  const regions = sources.map(({ region }) => region);
  return (
    takesAll(earlier.accounts, later.accounts, accounts) &&
    takesAll(earlier.regions, later.regions, regions) &&
    takesAll(earlier.vaults, later.vaults, null) &&
    takesAll(earlier.resourceTypes, later.resourceTypes, null) &&
    earlier.allOf.every((tag) => has(later.allOf, tag)) &&
    takesAnyOf(earlier, later) &&
    earlier.noneOf.every((tag) => has(later.noneOf, tag)) &&
    (earlier.createdBy === 'any' || earlier.createdBy === later.createdBy) &&
    (earlier.source === 'any' || earlier.source === later.source)
  );
}

/** @param all what there is, where that is known: an empty list asks for nothing */
function takesAll(earlier: readonly string[], later: readonly string[], all: readonly string[] | null): boolean {
  const asked = later.length > 0 ? later : all;
  return earlier.length === 0 || (asked?.every((each) => earlier.includes(each)) ?? false);
}

function takesAnyOf({ anyOf }: RuleMatch, later: RuleMatch): boolean {
  if (anyOf.length === 0 || later.allOf.some((tag) => has(anyOf, tag))) return true;
  return later.anyOf.length > 0 && later.anyOf.every((tag) => has(anyOf, tag));
}

const has = (tags: readonly Tag[], { key, value }: Tag): boolean =>
  tags.some((each) => each.key === key && each.value === value);
