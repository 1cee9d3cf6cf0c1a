/** The workflow types. Their names are wire format: renaming one breaks runs under way. */
import './stack-traces.ts';

export { custodyReconcile } from './custody-reconcile.ts';
export { custodyCopyBack, custodyCopyBackPlan } from './custody-copy-back.ts';
export { custodyRestoreTest } from './custody-restore-test.ts';
export { custodyRestoreTestPlan, custodyRestoreTests } from './custody-restore-tests.ts';
export { copyQueue } from './copy-queue.ts';
export { custody } from './custody.ts';
export { custodyPlan } from './custody-plan.ts';
export { custodyEvidenceCheck } from './custody-evidence-check.ts';
export { custodyIndex } from './custody-index.ts';
export { custodyReport } from './custody-report.ts';
export { imageRetentionPlan } from './image-retention-plan.ts';
export { imageRestore } from './image-restore.ts';
export { imageRestoreFleet } from './image-restore-fleet.ts';
export { imageRestorePlan } from './image-restore-plan.ts';
export { imageBackup } from './image-backup.ts';
export { imageBackupList } from './image-backup-list.ts';
export { imageBackupPlan } from './image-backup-plan.ts';
export { imageUpgrade } from './image-upgrade.ts';
export { imageUpgradeCohort } from './image-upgrade-cohort.ts';
export { imageUpgradeFleet } from './image-upgrade-fleet.ts';
export { imageUpgradePlan } from './image-upgrade-plan.ts';
export { scheduleWatchdog } from './schedule-watchdog.ts';
export { scheduledRun } from './scheduled-run.ts';
export { limit } from './limit.ts';
export { sweep } from './sweep.ts';
export { workspaceLocks } from './workspace-locks.ts';
