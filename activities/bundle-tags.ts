/** Tags of bundles, a hundred a call and outside WorkSpaces' own small rate: the Resource Groups Tagging API. */
import { CAPABILITY_TAG } from '../domain/holdfast-tags.ts';
import type { Target } from '../domain/target.ts';
import { call } from './failure.ts';
import { getTagged, pageRequest, type TaggingDeps } from './tagging.ts';

export interface TaggedBundle {
  readonly bundleId: string;
  /** Value by key: Holdfast's own. */
  readonly tags: Readonly<Record<string, string>>;
}

export const createBundleTagsActivities = ({ taggingFor }: TaggingDeps) => ({
  /** Reads a page of the bundles that restores made. @iam tag:GetResources */
  async findRestoreBundles(input: {
    readonly target: Target;
    readonly nextToken: string | null;
  }): Promise<{ readonly tagged: TaggedBundle[]; readonly nextToken: string | null }> {
    const { target, nextToken } = input;
    return await call({ target, action: 'tag:GetResources' }, async () => {
      const filters = [{ Key: CAPABILITY_TAG, Values: ['imageRestore'] }];
      const request = pageRequest('workspaces:workspacebundle', filters, nextToken);
      const page = await getTagged(taggingFor(target), request, (key) => key.startsWith('holdfast:'));
      return { tagged: page.tagged.map(({ id, tags }) => ({ bundleId: id, tags })), nextToken: page.nextToken };
    });
  },
});
