/** Whose image a backup is. Retention counts, and keeps the last good one, for each of them. */
import { USER_TAG, WORKSPACE_TAG } from './holdfast-tags.ts';
import type { BackupImage } from './image-retention.ts';

/**
 * The user, `<directory id>/<user name>` in lower case as AWS compares them: a migration or a restore gives the WorkSpace
 * another id, and its images stay together. Without a user: the WorkSpace's id. Null: the image names neither.
 */
export function groupOf({ tags }: Pick<BackupImage, 'tags'>): string | null {
  const user = tags[USER_TAG]?.toLowerCase() ?? '';
  return (isSomebody(user.slice(user.indexOf('/') + 1)) && user) || tags[WORKSPACE_TAG] || null;
}

/** What AWS writes as the user of a WorkSpace that has none, and that as it stands in a tag. */
const NOBODY: ReadonlySet<string> = new Set(['', '[undefined]', '=5bundefined=5d']);

/** All WorkSpaces of a directory that have no user would otherwise pass for one user's. */
export const isSomebody = (userName: string): boolean => !NOBODY.has(userName.toLowerCase());
