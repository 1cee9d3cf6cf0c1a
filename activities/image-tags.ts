/** Tags of images, a hundred a call and outside WorkSpaces' own small rate: the Resource Groups Tagging API. */
import { AUTOMATED_BACKUP_TAG, CREATED_DATE_TAG } from '../domain/holdfast-tags.ts';
import type { Target } from '../domain/target.ts';
import { call } from './failure.ts';
import { arnOf, getTagged, pageRequest, type TaggingDeps } from './tagging.ts';

export interface TaggedImage {
  readonly imageId: string;
  /** Value by key: only those that Holdfast and the old system set. */
  readonly tags: Readonly<Record<string, string>>;
}

const isOurs = (key: string): boolean =>
  key.startsWith('holdfast:') || key === AUTOMATED_BACKUP_TAG || key === CREATED_DATE_TAG;

const asImage = ({ id, tags }: { readonly id: string; readonly tags: TaggedImage['tags'] }): TaggedImage => ({
  imageId: id,
  tags,
});

export const createImageTagsActivities = ({ taggingFor }: TaggingDeps) => ({
  /** Reads a page of the images that carry the tag, whatever its value. @iam tag:GetResources */
  async findTaggedImages(input: {
    readonly target: Target;
    readonly key: string;
    readonly nextToken: string | null;
  }): Promise<{ readonly tagged: TaggedImage[]; readonly nextToken: string | null }> {
    const { target, key, nextToken } = input;
    return await call({ target, action: 'tag:GetResources' }, async () => {
      const request = pageRequest('workspaces:workspaceimage', [{ Key: key }], nextToken);
      const page = await getTagged(taggingFor(target), request, isOurs);
      return { tagged: page.tagged.map(asImage), nextToken: page.nextToken };
    });
  },

  /** Reads the tags of up to 100 images; those that never had one are absent. @iam tag:GetResources */
  async describeTaggedImages(input: {
    readonly target: Target;
    readonly imageIds: readonly string[];
  }): Promise<{ readonly tagged: TaggedImage[] }> {
    const { target, imageIds } = input;
    return await call({ target, action: 'tag:GetResources' }, async () => {
      const arns = imageIds.map((id) => arnOf(target, 'workspaceimage', id));
      const { tagged } = await getTagged(taggingFor(target), { ResourceARNList: arns }, isOurs);
      return { tagged: tagged.map(asImage) };
    });
  },
});
