/** Retention within an image backup: older images go only where this run's own image of the WorkSpace is good. */
import { sleep } from '@temporalio/workflow';
import { groupOf } from '../domain/image-groups.ts';
import type { BackupRow } from '../domain/backup-row.ts';
import { backupTags } from '../domain/backup-tags.ts';
import { RETENTION_OUTCOMES, type RetentionRow } from '../domain/retention-row.ts';
import { imageBackupId } from './image-backup.messages.ts';
import { applyRetention } from './image-retention.ts';
import { readImages } from './image-reading.ts';
import { troubleOf } from './failures.ts';
import type { BackupRun } from './backup-run.ts';

/** While the run goes on: of the WorkSpaces that have their new image. So a run needs little more room than what stays. */
export async function retainFinished(run: BackupRun, isStopped: () => boolean): Promise<void> {
  const good = new Set(run.state.rows.filter(({ outcome }) => outcome === 'imaged').map((row) => groupOfRow(run, row)));
  const isEnough = (): boolean => isStopped() || deletesNone(run);
  if (!isEnough()) await retain(run, { isMeant: (group) => good.has(group), isStopped: isEnough, isLong: () => false });
}

/**
 * At its end: also of WorkSpaces that are not in this run any more, but not of those whose image was not made. Where nothing
 * is to be deleted, it is decided all the same, so that the report tells of each image.
 *
 * @param isLong asked between deletions of a few images: whether the history is to end; what is left is decided anew in the next
 * @returns whether nothing is left
 */
export async function retainAll(run: BackupRun, isLong: () => boolean): Promise<boolean> {
  const failed = run.state.rows.filter(({ outcome }) => outcome !== 'imaged').map((row) => groupOfRow(run, row));
  const without = new Set(failed);
  const pass = { isMeant: (group: string) => !without.has(group), isStopped: () => deletesNone(run), isLong };
  const { kept, isDone } = await retain(run, pass);
  run.state.kept = kept;
  return isDone;
}

/** After an abort, or a decision that was refused, all images stay. */
const deletesNone = ({ state }: BackupRun): boolean => state.aborted !== null || state.retentionRefused !== null;

const groupOfRow = ({ input }: BackupRun, row: BackupRow): string | null => {
  const run = imageBackupId(input.target, input.policy);
  return groupOf({ tags: backupTags(row, { policy: input.policy, run, at: '' }) });
};

const AGAIN_AFTER = '1 minute';

interface Pass {
  /** Whose images may go. */
  readonly isMeant: (group: string) => boolean;
  /** Nothing more is to be deleted. */
  readonly isStopped: () => boolean;
  /** The history is to end. */
  readonly isLong: () => boolean;
}

interface Passed {
  /** What stays. */
  readonly kept: readonly RetentionRow[];
  readonly isDone: boolean;
}

/** Trouble that passes is waited out; other trouble leaves the images where they are. */
async function retain(run: BackupRun, pass: Pass): Promise<Passed> {
  const { state } = run;
  for (;;) {
    try {
      return await retainOnce(run, pass);
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      state.retrying = trouble.message;
      if (!trouble.passing) {
        state.retentionRefused ??= trouble.message;
        return NOTHING;
      }
      if (pass.isStopped()) return NOTHING;
    }
    await sleep(AGAIN_AFTER);
  }
}

const NOTHING: Passed = { kept: [], isDone: true };

async function retainOnce(run: BackupRun, { isMeant, isStopped, isLong }: Pass): Promise<Passed> {
  const { input, state } = run;
  const { target, policy: policyName, retention: policy } = input;
  const { at, images } = await readImages(target);
  const judged = state.unjudged;
  const known = images.map(groupOf).filter((group) => group !== null);
  const groups = new Set(known.filter(isMeant));
  const { refused, rows, isDone } = await applyRetention({
    target,
    policy,
    policyName,
    images,
    asOf: at,
    groups,
    isStopped,
    isLong,
  });
  state.retrying = null;
  state.retentionRefused ??= refused;
  // What a stop left undone is still to be done.
  if (!isStopped() && isDone) state.unjudged -= judged;
  const [kept] = RETENTION_OUTCOMES;
  noteRetired(
    run,
    rows.filter(({ outcome }) => outcome !== kept),
  );
  return { kept: rows.filter(({ outcome }) => outcome === kept), isDone };
}

/** One that was not deleted by one pass may be by the next. */
function noteRetired({ state }: BackupRun, rows: readonly RetentionRow[]): void {
  const ids = new Set(rows.map(({ imageId }) => imageId));
  state.retired = [...state.retired.filter(({ imageId }) => !ids.has(imageId)), ...rows];
}
