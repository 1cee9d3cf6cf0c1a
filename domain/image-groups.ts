/** Whose image a backup is. Retention counts, and keeps the last good one, for each of them. */
import { USER_TAG, WORKSPACE_TAG } from './holdfast-tags.ts';
import type { BackupImage } from './image-retention.ts';

/**
 * The user, `<directory id>/<user name>` in lower case as AWS compares them: a migration or a restore gives the WorkSpace
 * another id, and its images stay together. Without a user: the WorkSpace's id. Null: the image names neither.
 */
export const groupOf = ({ tags }: Pick<BackupImage, 'tags'>): string | null =>
  tags[USER_TAG]?.toLowerCase() || tags[WORKSPACE_TAG] || null;
