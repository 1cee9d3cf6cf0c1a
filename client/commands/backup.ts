/** `holdfast backup`: image backups of WorkSpaces. */
import type { Command } from 'commander';
import { addBackupExplain } from './backup-explain.ts';

export function addBackup(program: Command): void {
  const backup = program.command('backup').description('make images of WorkSpaces, and keep them as a policy says');
  for (const add of COMMANDS) add(backup);
}

/** In the order in which one needs them. */
const COMMANDS = [addBackupExplain];
