/** `holdfast restore abort`: nothing is destroyed any more; once something was, its user gets a desktop first. */
import type { Command } from 'commander';
import { abortRestoreUpdate } from '../../workflows/image-restore.messages.ts';
import { restoreSteeringCommand, steerRestore, type RestoreSteeringFlags } from '../restore-choice.ts';

export function addRestoreAbort(restore: Command): void {
  restoreSteeringCommand(restore, 'abort', 'abort --reason "the wrong WorkSpace"')
    .description(
      'destroy nothing and remove what was made; after the termination its user gets the new WorkSpace first',
    )
    .action(async (flags: RestoreSteeringFlags) => {
      await steerRestore(flags, abortRestoreUpdate, () => ({}));
    });
}
