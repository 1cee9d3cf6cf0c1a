/** `holdfast backup abort`: no new image is begun, what was started is stopped again, no image is deleted. */
import type { Command } from 'commander';
import { abortBackupUpdate } from '../../workflows/image-backup.messages.ts';
import { backupSteering, steerBackup, type BackupSteeringFlags } from '../backup-steering.ts';

export function addBackupAbort(backup: Command): void {
  backupSteering(backup, 'abort', 'abort --reason "the wrong policy"')
    .description('begin no new image and delete none; follow those under way, stop what was started, and report')
    .action(async (flags: BackupSteeringFlags) => await steerBackup(flags, abortBackupUpdate, {}));
}
