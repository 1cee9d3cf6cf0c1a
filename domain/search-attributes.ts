/** The search attributes of every run, all of type Keyword: so the Temporal UI alone can find and sort them. */
export const SEARCH_ATTRIBUTES = [
  'HoldfastCapability',
  'HoldfastPhase',
  /** `ok`, `retrying`, `blocked` or `overdue`. */
  'HoldfastHealth',
  'HoldfastAccount',
  'HoldfastRegion',
  'HoldfastResource',
  'HoldfastOutcome',
] as const;
export type SearchAttribute = (typeof SEARCH_ATTRIBUTES)[number];

/** What every upgrade of a bundle is found by. */
export const searchAttributesOf = (upgrade: {
  readonly target: { readonly account: string; readonly region: string };
  readonly bundleId: string;
}): Partial<Record<SearchAttribute, string[]>> => ({
  HoldfastCapability: ['image-upgrade'],
  HoldfastHealth: ['ok'],
  HoldfastAccount: [upgrade.target.account],
  HoldfastRegion: [upgrade.target.region],
  HoldfastResource: [upgrade.bundleId],
});
