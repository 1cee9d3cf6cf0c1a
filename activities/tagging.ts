/** Tags of WorkSpaces, a hundred a call and outside WorkSpaces' own small rate: the Resource Groups Tagging API. */
import {
  GetResourcesCommand,
  type GetResourcesCommandInput,
  type ResourceGroupsTaggingAPIClient,
  type TagFilter,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { TAGGED_A_CALL } from '../domain/call-sizes.ts';
import type { TagQuery } from '../domain/selection.ts';
import type { Target } from '../domain/target.ts';
import { awsTime } from './aws-time.ts';
import { untilCancelled } from './cancellation.ts';
import { call } from './failure.ts';

export interface TaggingDeps {
  readonly taggingFor: (target: Target) => ResourceGroupsTaggingAPIClient;
}

export interface TaggedWorkspace {
  readonly workspaceId: string;
  /** Value by key. */
  readonly tags: Readonly<Record<string, string>>;
}

export const arnOf = ({ account, region }: Target, kind: 'workspace' | 'workspaceimage', id: string): string => {
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  return `arn:${partition}:workspaces:${region}:${account}:${kind}/${id}`;
};

/** What one call of the API tells: resources by the last part of their ARN, with those of their tags that are wanted. */
export async function getTagged(
  client: ResourceGroupsTaggingAPIClient,
  request: GetResourcesCommandInput,
  isWanted: (key: string) => boolean,
) {
  const output = await client.send(new GetResourcesCommand(request), untilCancelled());
  const tagged = (output.ResourceTagMappingList ?? []).map(({ ResourceARN: arn, Tags: tags = [] }) => ({
    id: arn?.split('/').at(-1) ?? '',
    tags: Object.fromEntries(
      tags.flatMap(({ Key: key = '', Value: value = '' }) => (isWanted(key) ? [[key, value]] : [])),
    ) as Readonly<Record<string, string>>,
  }));
  // An empty token, not an absent one, is this API's last page.
  return { at: awsTime(output), tagged, nextToken: output.PaginationToken || null };
}

/** A page of the resources of a type that the filters fit. */
export const pageRequest = (
  type: string,
  filters: readonly TagFilter[],
  nextToken: string | null,
): GetResourcesCommandInput => ({
  ResourceTypeFilters: [type],
  TagFilters: [...filters],
  ResourcesPerPage: TAGGED_A_CALL,
  ...(nextToken ? { PaginationToken: nextToken } : {}),
});

const asWorkspace = ({
  id,
  tags,
}: {
  readonly id: string;
  readonly tags: TaggedWorkspace['tags'];
}): TaggedWorkspace => ({
  workspaceId: id,
  tags,
});

export const createTaggingActivities = ({ taggingFor }: TaggingDeps) => ({
  /**
   * Reads a page of the WorkSpaces that the query fits, with those of their tags that have one of the keys. What never had
   * a tag is unknown to this API. @iam tag:GetResources
   */
  async findTagged(input: {
    readonly target: Target;
    readonly query: TagQuery;
    readonly keys: readonly string[];
    readonly nextToken: string | null;
  }): Promise<{ readonly tagged: TaggedWorkspace[]; readonly nextToken: string | null }> {
    const { target, query, nextToken } = input;
    const keys = new Set(input.keys);
    return await call({ target, action: 'tag:GetResources' }, async () => {
      const filters = query.map(({ key, values }) => ({ Key: key, Values: [...values] }));
      const request = pageRequest('workspaces:workspace', filters, nextToken);
      const page = await getTagged(taggingFor(target), request, (key) => keys.has(key));
      // A fleet's tags stay in a history: without those that nobody asked for.
      return { tagged: page.tagged.map(asWorkspace), nextToken: page.nextToken };
    });
  },
});

/** The tags with one of the keys of up to 100 WorkSpaces; those that never had a tag are absent. */
export async function readTags(
  client: ResourceGroupsTaggingAPIClient,
  { target, ids, keys }: { readonly target: Target; readonly ids: readonly string[]; readonly keys: readonly string[] },
): Promise<readonly TaggedWorkspace[]> {
  const request = { ResourceARNList: ids.map((id) => arnOf(target, 'workspace', id)) };
  const { tagged } = await getTagged(client, request, (key) => keys.includes(key));
  return tagged.map(asWorkspace);
}
