/** AWS Directory Service: whether a directory works. */
import { DescribeDirectoriesCommand, type DirectoryServiceClient } from '@aws-sdk/client-directory-service';
import type { Target } from '../domain/target.ts';
import { untilCancelled } from './cancellation.ts';
import { call, failureType } from './failure.ts';

export interface DirectoriesDeps {
  readonly directoriesFor: (target: Target) => DirectoryServiceClient;
}

export const createDirectoriesActivities = ({ directoriesFor }: DirectoriesDeps) => ({
  /**
   * Reads the stage of a directory: `Active`, `Impaired`, `Inoperable`, …; `NotFound`; `AccessDenied` where we may not look,
   * which says nothing of the directory. @iam ds:DescribeDirectories
   */
  async directoryStage(input: { readonly target: Target; readonly directoryId: string }): Promise<{
    readonly stage: string;
  }> {
    const { target, directoryId } = input;
    return await call({ target, action: 'ds:DescribeDirectories', resource: directoryId }, async () => {
      try {
        const command = new DescribeDirectoriesCommand({ DirectoryIds: [directoryId] });
        const output = await directoriesFor(target).send(command, untilCancelled());
        return { stage: output.DirectoryDescriptions?.[0]?.Stage ?? 'NotFound' };
      } catch (error) {
        const type = failureType(error);
        if (type === 'NotFound' || type === 'AccessDenied') return { stage: type };
        throw error;
      }
    });
  },
});
