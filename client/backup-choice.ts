/** Which image backup a command is about. */
import type { Command } from 'commander';
import { imageBackupId } from '../workflows/image-backup.messages.ts';
import { flagsOfRun, unknownRun, withRun, type Chosen, type RunKind } from './choice.ts';
import type { CommandError } from './exit.ts';

export interface BackupChoiceFlags {
  readonly account?: string;
  readonly region?: string;
  readonly policy?: string;
}

const BACKUP: RunKind = { noun: 'backup', workflowType: 'imageBackup', flag: 'policy', idOf: imageBackupId };

export const addBackupChoice = (command: Command): Command =>
  command
    .optionsGroup('Which backup:')
    .option('--account <id>', 'the AWS account of the backup')
    .option('--region <name>', 'its Region')
    .option('--policy <name>', 'its policy; none of the three: the only backup that runs, or the last that ran')
    .optionsGroup('Options:');

/** @param options `running`: one that has ended will not do */
export const withBackup = async (
  { account, region, policy }: BackupChoiceFlags,
  use: (chosen: Chosen) => Promise<void>,
  options: { readonly running?: boolean } = {},
): Promise<void> => await withRun(BACKUP, { account, region, subject: policy }, use, options);

export const backupFlagsOf = (workflowId: string): string => flagsOfRun(BACKUP, workflowId);

export const backupNotFound = (workflowId: string): CommandError => unknownRun(BACKUP, workflowId);
