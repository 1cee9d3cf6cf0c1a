/** The tags on a backup image: by them it is found again, judged and explained. */
import {
  AUTOMATED_BACKUP_TAG,
  CAPABILITY_TAG,
  CREATED_DATE_TAG,
  POLICY_TAG,
  RUN_TAG,
  USER_TAG,
  userTag,
  WORKSPACE_TAG,
} from './holdfast-tags.ts';
import { isSomebody } from './image-groups.ts';

interface Source {
  readonly workspaceId: string;
  readonly directoryId: string;
  readonly userName: string;
}

interface Origin {
  readonly policy: string;
  /** Workflow id. */
  readonly run: string;
  /** AWS's time, ISO. */
  readonly at: string;
}

export const backupTags = (
  { workspaceId, directoryId, userName }: Source,
  { policy, run, at }: Origin,
): Readonly<Record<string, string>> => ({
  [AUTOMATED_BACKUP_TAG]: 'true',
  [CREATED_DATE_TAG]: at.slice(0, 10),
  [CAPABILITY_TAG]: 'imageBackup',
  [RUN_TAG]: run,
  [WORKSPACE_TAG]: workspaceId,
  ...(isSomebody(userName) && { [USER_TAG]: userTag({ directoryId, userName }) }),
  [POLICY_TAG]: policy,
});

/** CreateWorkspaceImage wants one, of 1 to 256 letters, digits, spaces and `_ . / ( ) -`. */
export const imageDescription = (computerName: string): string =>
  `Image backup of ${computerName} by Holdfast - system volume only`
    .replaceAll(/[^a-zA-Z0-9_./() -]/g, '_')
    .slice(0, 256);
