/** What an image backup would do: read-only, nothing is changed. Its rows can be asked for by page, also after its end. */
import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { BackupPlanRow, BackupPlanSummary, PlannedImage } from '../domain/backup-plan.ts';
import type { ImageBackupInput } from '../domain/image-backup.ts';
import { validBackupInput } from './backup-run.ts';
import { backupPreflight } from './image-backup-preflight.ts';
import { backupPlanImagesQuery, backupPlanRowsQuery } from './image-backup.messages.ts';

export async function imageBackupPlan(raw: ImageBackupInput): Promise<BackupPlanSummary> {
  let rows: readonly BackupPlanRow[] = [];
  let images: readonly PlannedImage[] = [];
  setHandler(backupPlanRowsQuery, ({ offset, limit }) => ({
    rows: rows.slice(offset, offset + limit),
    of: rows.length,
  }));
  setHandler(backupPlanImagesQuery, ({ offset, limit }) => {
    return { rows: images.slice(offset, offset + limit), of: images.length };
  });
  setCurrentDetails('Reading WorkSpaces and images; nothing is changed');
  const plan = await backupPreflight(validBackupInput(raw), { plan: true });
  ({ rows, images } = plan);
  const { going, selected, problems } = plan.summary;
  setCurrentDetails(`${going} of ${selected} WorkSpaces would be imaged, ${problems.length} problems`);
  return plan.summary;
}
