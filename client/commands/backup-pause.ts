/** `holdfast backup pause`: no new image is begun until it is resumed. */
import type { Command } from 'commander';
import { pauseBackupUpdate } from '../../workflows/image-backup.messages.ts';
import { backupSteering, steerBackup, type BackupSteeringFlags } from '../backup-steering.ts';

export function addBackupPause(backup: Command): void {
  backupSteering(backup, 'pause', 'pause --reason "a release goes out tonight"')
    .description('begin no new image until it is resumed; follow those under way')
    .action(async (flags: BackupSteeringFlags) => await steerBackup(flags, pauseBackupUpdate, {}));
}
