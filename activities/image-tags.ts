/** Tags of images, a hundred a call and outside WorkSpaces' own small rate: the Resource Groups Tagging API. */
import { cancellationSignal } from '@temporalio/activity';
import {
  GetResourcesCommand,
  type ResourceGroupsTaggingAPIClient,
  type ResourceTagMapping,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { TAGGED_A_CALL } from '../domain/call-sizes.ts';
import { AUTOMATED_BACKUP_TAG, CREATED_DATE_TAG } from '../domain/holdfast-tags.ts';
import type { Target } from '../domain/target.ts';
import { call } from './failure.ts';
import { arnOf } from './tagging.ts';

export interface ImageTagsDeps {
  readonly taggingFor: (target: Target) => ResourceGroupsTaggingAPIClient;
}

export interface TaggedImage {
  readonly imageId: string;
  /** Value by key: only those that Holdfast and the old system set. */
  readonly tags: Readonly<Record<string, string>>;
}

const IMAGES = 'workspaces:workspaceimage';

const isOurs = (key: string): boolean =>
  key.startsWith('holdfast:') || key === AUTOMATED_BACKUP_TAG || key === CREATED_DATE_TAG;

const toTagged = ({ ResourceARN: arn, Tags: tags = [] }: ResourceTagMapping): TaggedImage => ({
  imageId: arn?.split('/').at(-1) ?? '',
  tags: Object.fromEntries(tags.flatMap(({ Key: key = '', Value: value = '' }) => (isOurs(key) ? [[key, value]] : []))),
});

export const createImageTagsActivities = ({ taggingFor }: ImageTagsDeps) => ({
  /** Reads a page of the images that carry the tag, whatever its value. @iam tag:GetResources */
  async findTaggedImages(input: {
    readonly target: Target;
    readonly key: string;
    readonly nextToken: string | null;
  }): Promise<{ readonly tagged: TaggedImage[]; readonly nextToken: string | null }> {
    const { target, key, nextToken } = input;
    return await call({ target, action: 'tag:GetResources' }, async () => {
      const command = new GetResourcesCommand({
        ResourceTypeFilters: [IMAGES],
        TagFilters: [{ Key: key }],
        ResourcesPerPage: TAGGED_A_CALL,
        ...(nextToken ? { PaginationToken: nextToken } : {}),
      });
      const output = await taggingFor(target).send(command, { abortSignal: cancellationSignal() });
      // An empty token, not an absent one, is this API's last page.
      return { tagged: (output.ResourceTagMappingList ?? []).map(toTagged), nextToken: output.PaginationToken || null };
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
      const command = new GetResourcesCommand({ ResourceARNList: arns });
      const output = await taggingFor(target).send(command, { abortSignal: cancellationSignal() });
      return { tagged: (output.ResourceTagMappingList ?? []).map(toTagged) };
    });
  },
});
