/** Tags of WorkSpaces, a hundred a call and outside WorkSpaces' own small rate: the Resource Groups Tagging API. */
import { cancellationSignal } from '@temporalio/activity';
import {
  GetResourcesCommand,
  type ResourceGroupsTaggingAPIClient,
  type ResourceTagMapping,
} from '@aws-sdk/client-resource-groups-tagging-api';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { Target } from '../domain/target.ts';
import { awsTime } from './aws-time.ts';
import { call } from './failure.ts';

export interface TaggingDeps {
  readonly taggingFor: (target: Target) => ResourceGroupsTaggingAPIClient;
}

type Tag = ImageUpgradeInput['tag'];

const arnOf = ({ account, region }: Target, id: string): string => {
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return `arn:${partition}:workspaces:${region}:${account}:workspace/${id}`;
};

const idOf = (mapping: ResourceTagMapping): string => mapping.ResourceARN?.split('/').at(-1) ?? '';

const carries = (mapping: ResourceTagMapping, tag: Tag): boolean =>
  (mapping.Tags ?? []).some(({ Key, Value }) => Key === tag.key && Value === tag.value);

export const createTaggingActivities = ({ taggingFor }: TaggingDeps) => ({
  /** Reads a page of the ids of WorkSpaces that carry the tag. @iam tag:GetResources */
  async findTagged(input: {
    readonly target: Target;
    readonly tag: Tag;
    readonly nextToken: string | null;
  }): Promise<{ readonly ids: string[]; readonly nextToken: string | null }> {
    const { target, tag, nextToken } = input;
    return await call({ target, action: 'tag:GetResources' }, async () => {
      const command = new GetResourcesCommand({
        ResourceTypeFilters: ['workspaces:workspace'],
        TagFilters: [{ Key: tag.key, Values: [tag.value] }],
        ResourcesPerPage: 100,
        ...(nextToken ? { PaginationToken: nextToken } : {}),
      });
      const output = await taggingFor(target).send(command, { abortSignal: cancellationSignal() });
      // An empty token, not an absent one, is this API's last page.
      return { ids: (output.ResourceTagMappingList ?? []).map(idOf), nextToken: output.PaginationToken || null };
    });
  },

  /** Reads which of up to 100 WorkSpaces carry the tag. @iam tag:GetResources */
  async describeTagged(input: {
    readonly target: Target;
    readonly tag: Tag;
    readonly ids: readonly string[];
  }): Promise<{ readonly at: string; readonly tagged: string[] }> {
    const { target, tag, ids } = input;
    return await call({ target, action: 'tag:GetResources' }, async () => {
      const command = new GetResourcesCommand({ ResourceARNList: ids.map((id) => arnOf(target, id)) });
      const output = await taggingFor(target).send(command, { abortSignal: cancellationSignal() });
      const tagged = (output.ResourceTagMappingList ?? []).filter((mapping) => carries(mapping, tag));
      return { at: awsTime(output), tagged: tagged.map(idOf) };
    });
  },
});
