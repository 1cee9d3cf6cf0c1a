/** Tags of WorkSpaces, a hundred a call and outside WorkSpaces' own small rate: the Resource Groups Tagging API. */
import { cancellationSignal } from '@temporalio/activity';
import {
  GetResourcesCommand,
  type ResourceGroupsTaggingAPIClient,
  type ResourceTagMapping,
} from '@aws-sdk/client-resource-groups-tagging-api';
import { TAGGED_A_CALL } from '../domain/call-sizes.ts';
import type { TagQuery } from '../domain/selection.ts';
import type { Target } from '../domain/target.ts';
import { awsTime } from './aws-time.ts';
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

const idOf = (mapping: ResourceTagMapping): string => mapping.ResourceARN?.split('/').at(-1) ?? '';

const toTagged = (mapping: ResourceTagMapping): TaggedWorkspace => ({
  workspaceId: idOf(mapping),
  tags: Object.fromEntries((mapping.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])),
});

/** Without the tags that nobody asked for: a fleet's tags stay in a history. */
const withOnly = ({ workspaceId, tags }: TaggedWorkspace, keys: ReadonlySet<string>): TaggedWorkspace => ({
  workspaceId,
  tags: Object.fromEntries(Object.entries(tags).filter(([key]) => keys.has(key))),
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
      const command = new GetResourcesCommand({
        ResourceTypeFilters: ['workspaces:workspace'],
        TagFilters: query.map(({ key, values }) => ({ Key: key, Values: [...values] })),
        ResourcesPerPage: TAGGED_A_CALL,
        ...(nextToken ? { PaginationToken: nextToken } : {}),
      });
      const output = await taggingFor(target).send(command, { abortSignal: cancellationSignal() });
      const tagged = (output.ResourceTagMappingList ?? []).map((mapping) => withOnly(toTagged(mapping), keys));
      // An empty token, not an absent one, is this API's last page.
      return { tagged, nextToken: output.PaginationToken || null };
    });
  },

  /** Reads the tags with one of the keys of up to 100 WorkSpaces; those that never had a tag are absent. @iam tag:GetResources */
  async describeTagged(input: {
    readonly target: Target;
    readonly ids: readonly string[];
    readonly keys: readonly string[];
  }): Promise<{ readonly at: string; readonly tagged: TaggedWorkspace[] }> {
    const { target, ids } = input;
    const keys = new Set(input.keys);
    return await call({ target, action: 'tag:GetResources' }, async () => {
      const command = new GetResourcesCommand({ ResourceARNList: ids.map((id) => arnOf(target, 'workspace', id)) });
      const output = await taggingFor(target).send(command, { abortSignal: cancellationSignal() });
      const tagged = (output.ResourceTagMappingList ?? []).map((mapping) => withOnly(toTagged(mapping), keys));
      return { at: awsTime(output), tagged };
    });
  },
});
