import type { Target } from './target.ts';

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

type Attributes = Partial<Record<SearchAttribute, string[]>>;

/** What every run is found by, from its start on. @param resource what it is about: its id is a run's lock */
export const attributesOf = (capability: string, target: Target, resource: string): Attributes => ({
  HoldfastCapability: [capability],
  HoldfastHealth: ['ok'],
  HoldfastAccount: [target.account],
  HoldfastRegion: [target.region],
  HoldfastResource: [resource],
});

interface Placed {
  readonly target: Target;
}

export const searchAttributesOf = ({ target, bundleId }: Placed & { readonly bundleId: string }): Attributes =>
  attributesOf('image-upgrade', target, bundleId);

export const backupAttributesOf = ({ target, policy }: Placed & { readonly policy: string }): Attributes =>
  attributesOf('image-backup', target, policy);

export const restoreAttributesOf = ({ target, workspaceId }: Placed & { readonly workspaceId: string }): Attributes =>
  attributesOf('image-restore', target, workspaceId);
