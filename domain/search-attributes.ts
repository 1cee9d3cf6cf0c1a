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

/** What every image backup of a policy is found by. */
export const backupAttributesOf = (backup: {
  readonly target: { readonly account: string; readonly region: string };
  readonly policy: string;
}): Partial<Record<SearchAttribute, string[]>> => ({
  HoldfastCapability: ['image-backup'],
  HoldfastHealth: ['ok'],
  HoldfastAccount: [backup.target.account],
  HoldfastRegion: [backup.target.region],
  HoldfastResource: [backup.policy],
});

/** What every restore of a WorkSpace is found by. */
export const restoreAttributesOf = (restore: {
  readonly target: { readonly account: string; readonly region: string };
  readonly workspaceId: string;
}): Partial<Record<SearchAttribute, string[]>> => ({
  HoldfastCapability: ['image-restore'],
  HoldfastHealth: ['ok'],
  HoldfastAccount: [restore.target.account],
  HoldfastRegion: [restore.target.region],
  HoldfastResource: [restore.workspaceId],
});
