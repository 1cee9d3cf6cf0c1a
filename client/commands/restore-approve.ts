/** `holdfast restore approve`: lets a restore go on that was started with `--require-approval`. */
import type { Command } from 'commander';
import { approveRestoreUpdate } from '../../workflows/image-restore.messages.ts';
import { restoreSteeringCommand, steerRestore, type RestoreSteeringFlags } from '../restore-choice.ts';

export function addRestoreApprove(restore: Command): void {
  restoreSteeringCommand(
    restore,
    'approve',
    'approve --workspace ws-0fleet0001 --account 111122223333 --region eu-central-1',
  )
    .description('let the destructive step be made, of a restore that waits for approval')
    .action(async (flags: RestoreSteeringFlags) => {
      await steerRestore(flags, approveRestoreUpdate, (workspaceId) => ({ workspaceId }));
    });
}
