/** `holdfast restore`: WorkSpaces brought back from images and snapshots. */
import type { Command } from 'commander';
import { addRestoreAbort } from './restore-abort.ts';
import { addRestoreApprove } from './restore-approve.ts';
import { addRestoreFleet } from './restore-fleet.ts';
import { addRestorePlan } from './restore-plan.ts';
import { addRestoreResume } from './restore-resume.ts';
import { addRestoreStart } from './restore-start.ts';
import { addRestoreStatus } from './restore-status.ts';

export function addRestore(program: Command): void {
  const restore = program.command('restore').description('bring a WorkSpace back from an image or a snapshot');
  for (const add of COMMANDS) add(restore);
}

/** In the order in which one needs them. */
const COMMANDS = [
  addRestorePlan,
  addRestoreStart,
  addRestoreStatus,
  addRestoreApprove,
  addRestoreResume,
  addRestoreAbort,
  addRestoreFleet,
];
