/** Tags of bundles, a hundred a call and outside WorkSpaces' own small rate: the Resource Groups Tagging API. */
import { cancellationSignal } from '@temporalio/activity';
import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api';
import { TAGGED_A_CALL } from '../domain/call-sizes.ts';
import { CAPABILITY_TAG } from '../domain/holdfast-tags.ts';
import type { Target } from '../domain/target.ts';
import { call } from './failure.ts';
import type { TaggingDeps } from './tagging.ts';

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
      const command = new GetResourcesCommand({
        ResourceTypeFilters: ['workspaces:workspacebundle'],
        TagFilters: [{ Key: CAPABILITY_TAG, Values: ['imageRestore'] }],
        ResourcesPerPage: TAGGED_A_CALL,
        ...(nextToken ? { PaginationToken: nextToken } : {}),
      });
      const output = await taggingFor(target).send(command, { abortSignal: cancellationSignal() });
      const tagged = (output.ResourceTagMappingList ?? []).map(({ ResourceARN: arn, Tags: tags = [] }) => ({
        bundleId: arn?.split('/').at(-1) ?? '',
        tags: Object.fromEntries(
          tags.flatMap(({ Key: key = '', Value: value = '' }) => (key.startsWith('holdfast:') ? [[key, value]] : [])),
        ),
      }));
      // An empty token, not an absent one, is this API's last page.
      return { tagged, nextToken: output.PaginationToken || null };
    });
  },
});
