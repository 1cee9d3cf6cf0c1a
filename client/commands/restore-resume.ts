/** `holdfast restore resume`: what is blocked is tried again now. */
import type { Command } from 'commander';
import { resumeRestoreUpdate } from '../../workflows/image-restore.messages.ts';
import { restoreSteeringCommand, steerRestore, type RestoreSteeringFlags } from '../restore-choice.ts';

export function addRestoreResume(restore: Command): void {
  restoreSteeringCommand(restore, 'resume', 'resume --reason "the quota is raised"')
    .description('try again at once what is blocked')
    .action(async (flags: RestoreSteeringFlags) => {
      await steerRestore(flags, resumeRestoreUpdate, () => ({}));
    });
}
