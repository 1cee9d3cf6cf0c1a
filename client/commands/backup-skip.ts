/** `holdfast backup skip`: a WorkSpace gets no image in this run. */
import type { Command } from 'commander';
import { skipBackupUpdate } from '../../workflows/image-backup.messages.ts';
import { backupSteering, steerBackup, type BackupSteeringFlags } from '../backup-steering.ts';
import { workspaceId } from '../steering.ts';

export function addBackupSkip(backup: Command): void {
  backupSteering(backup, 'skip', 'skip ws-0fleet0007 --reason "its administrator is on call"')
    .description('leave a WorkSpace out of this run')
    .argument('<workspace>', 'ws-…', workspaceId)
    .action(async (workspace: string, flags: BackupSteeringFlags) => {
      await steerBackup(flags, skipBackupUpdate, { workspaceId: workspace });
    });
}
