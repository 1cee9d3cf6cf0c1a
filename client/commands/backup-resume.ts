/** `holdfast backup resume`: a run that is paused goes on, and what is blocked; or one WorkSpace that is blocked. */
import type { Command } from 'commander';
import { resumeBackupUpdate } from '../../workflows/image-backup.messages.ts';
import { backupSteering, steerBackup, type BackupSteeringFlags } from '../backup-steering.ts';
import { workspaceId } from '../steering.ts';

export function addBackupResume(backup: Command): void {
  backupSteering(backup, 'resume', 'resume --reason "the role has the permission"')
    .description('go on after a pause, with all that is blocked; or with one WorkSpace that is blocked')
    .argument('[workspace]', 'only this WorkSpace goes on: ws-…', workspaceId)
    .action(async (workspace: string | undefined, flags: BackupSteeringFlags) => {
      await steerBackup(flags, resumeBackupUpdate, { workspaceId: workspace ?? null });
    });
}
