/** `holdfast backup`: image backups of WorkSpaces. */
import type { Command } from 'commander';
import { addBackupAbort } from './backup-abort.ts';
import { addBackupExplain } from './backup-explain.ts';
import { addBackupList } from './backup-list.ts';
import { addBackupPause } from './backup-pause.ts';
import { addBackupPlan } from './backup-plan.ts';
import { addBackupReport } from './backup-report.ts';
import { addBackupResume } from './backup-resume.ts';
import { addBackupSkip } from './backup-skip.ts';
import { addBackupStart } from './backup-start.ts';
import { addBackupStatus } from './backup-status.ts';

export function addBackup(program: Command): void {
  const backup = program.command('backup').description('make images of WorkSpaces, and keep them as a policy says');
  for (const add of COMMANDS) add(backup);
}

/** In the order in which one needs them. */
const COMMANDS = [
  addBackupExplain,
  addBackupPlan,
  addBackupStart,
  addBackupStatus,
  addBackupPause,
  addBackupResume,
  addBackupSkip,
  addBackupAbort,
  addBackupList,
  addBackupReport,
];
