/** What became of one image when retention was applied: a line of the report. */
import { WORKSPACE_TAG } from './holdfast-tags.ts';
import type { BackupImage, RetentionDecision } from './image-retention.ts';

export const RETENTION_OUTCOMES = [
  'kept',
  'deleted',
  /** It was to go, and was gone before the call. */
  'gone',
  /** It was to go, and AWS did not delete it, or could not be asked: see the last reason. */
  'notDeleted',
] as const;
export type RetentionOutcome = (typeof RETENTION_OUTCOMES)[number];

export interface RetentionRow extends RetentionDecision {
  readonly name: string;
  readonly createdAt: string;
  readonly state: string;
  /** The WorkSpace that it was made of; null: not known. */
  readonly workspaceId: string | null;
  readonly outcome: RetentionOutcome;
}

export const retentionRow = (
  image: BackupImage,
  decision: RetentionDecision,
  outcome: RetentionOutcome,
): RetentionRow => ({
  ...decision,
  name: image.name,
  createdAt: image.createdAt,
  state: image.state,
  workspaceId: image.tags[WORKSPACE_TAG] ?? null,
  outcome,
});
