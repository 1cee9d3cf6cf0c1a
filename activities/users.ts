/** What a last look has to know of the users of WorkSpaces: one activity, as each is three events of a history. */
import type { Target } from '../domain/target.ts';
import { call } from './failure.ts';
import { readTags, type TaggedWorkspace, type TaggingDeps } from './tagging.ts';
import { readConnections, type ConnectionOf, type WorkspacesDeps } from './workspaces.ts';

export const createUsersActivities = ({ workspacesFor, taggingFor }: WorkspacesDeps & TaggingDeps) => ({
  /**
   * Reads who is connected to up to 25 WorkSpaces, and their tags with one of the keys: one WorkSpaces call, and one of the
   * Tagging API where there are keys. @iam workspaces:DescribeWorkspacesConnectionStatus tag:GetResources
   */
  async describeUsers(input: {
    readonly target: Target;
    readonly ids: readonly string[];
    readonly keys: readonly string[];
  }): Promise<{
    readonly at: string;
    readonly found: readonly ConnectionOf[];
    /** Those that never had a tag are absent. */
    readonly tagged: readonly TaggedWorkspace[];
  }> {
    const { target, ids, keys } = input;
    const tagged =
      keys.length === 0
        ? []
        : await call({ target, action: 'tag:GetResources' }, async () => readTags(taggingFor(target), input));
    const connections = await call({ target, action: 'workspaces:DescribeWorkspacesConnectionStatus' }, async () =>
      readConnections(workspacesFor(target), ids),
    );
    return { ...connections, tagged };
  },
});
