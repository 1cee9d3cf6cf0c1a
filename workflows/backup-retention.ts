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
  await retain(run, { isMeant: (group) => good.has(group), isStopped });
}

/** At its end: also of WorkSpaces that are not in this run any more, but not of those whose image was not made. */
export async function retainAll(run: BackupRun): Promise<void> {
  const failed = run.state.rows.filter(({ outcome }) => outcome !== 'imaged').map((row) => groupOfRow(run, row));
  const without = new Set(failed);
  run.state.kept = await retain(run, { isMeant: (group) => !without.has(group), isStopped: () => false });
}

const groupOfRow = ({ input }: BackupRun, row: BackupRow): string | null => {
  const run = imageBackupId(input.target, input.policy);
  return groupOf({ tags: backupTags(row, { policy: input.policy, run, at: '' }) });
};

const AGAIN_AFTER = '1 minute';

interface Pass {
  /** Whose images may go. */
  readonly isMeant: (group: string) => boolean;
  /** The history is to end: what is left is done by the next pass. */
  readonly isStopped: () => boolean;
}

/** Trouble that passes is waited out; other trouble leaves the images where they are. The answer is what stays. */
async function retain(run: BackupRun, pass: Pass): Promise<RetentionRow[]> {
  const { state } = run;
  for (;;) {
    if (state.retentionRefused !== null || state.aborted || pass.isStopped()) return [];
    try {
      return await retainOnce(run, pass);
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      if (!trouble.passing) state.retentionRefused = trouble.message;
      state.retrying = trouble.message;
    }
    await sleep(AGAIN_AFTER);
  }
}

async function retainOnce(run: BackupRun, { isMeant, isStopped }: Pass): Promise<RetentionRow[]> {
  const { input, state } = run;
  const { target, policy: policyName, retention: policy } = input;
  const { at, images } = await readImages(target);
  const judged = state.unjudged;
  const known = images.map(groupOf).filter((group) => group !== null);
  const { refused, rows } = await applyRetention({
    target,
    policy,
    policyName,
    images,
    asOf: at,
    groups: new Set(known.filter(isMeant)),
    isStopped: () => state.aborted !== null || isStopped(),
  });
  state.retrying = null;
  state.retentionRefused = refused;
  // What a stop left undone is still to be done.
  if (!isStopped()) state.unjudged -= judged;
  const [kept] = RETENTION_OUTCOMES;
  state.retired.push(...rows.filter(({ outcome }) => outcome !== kept));
  return rows.filter(({ outcome }) => outcome === kept);
}
