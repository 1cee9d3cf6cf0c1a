/** Which upgrade a command is about. */
import type { Command } from 'commander';
import { imageUpgradeId, rollbackId } from '../workflows/image-upgrade.messages.ts';
import { flagsOfRun, unknownRun, withRun, type Chosen, type RunKind } from './choice.ts';
import type { CommandError } from './exit.ts';

export interface ChoiceFlags {
  readonly account?: string;
  readonly region?: string;
  readonly bundle?: string;
  readonly rollbackRun?: boolean;
}

const isRollback = (workflowId: string): boolean => workflowId === rollbackId(workflowId.split('/', 4).join('/'));

const UPGRADE: RunKind = {
  noun: 'upgrade',
  workflowType: 'imageUpgrade',
  flag: 'bundle',
  idOf: imageUpgradeId,
  belongsToAnother: isRollback,
};

export const addChoiceFlags = (command: Command): Command =>
  command
    .optionsGroup('Which upgrade:')
    .option('--account <id>', 'the AWS account of the upgrade')
    .option('--region <name>', 'its Region')
    .option('--bundle <id>', 'its bundle; none of the three: the only upgrade that runs, or the last that ran')
    .option('--rollback-run', 'the run that rebuilds its WorkSpaces onto the previous image')
    .optionsGroup('Options:');

/** @param options `running`: one that has ended will not do */
export async function withUpgrade(
  { account, region, bundle, rollbackRun }: ChoiceFlags,
  use: (chosen: Chosen) => Promise<void>,
  options: { readonly running?: boolean } = {},
): Promise<void> {
  const useIt = async (chosen: Chosen): Promise<void> =>
    await use(rollbackRun ? { ...chosen, workflowId: rollbackId(chosen.workflowId) } : chosen);
  await withRun(UPGRADE, { account, region, subject: bundle }, useIt, options);
}

export const flagsOf = (workflowId: string): string =>
  `${flagsOfRun(UPGRADE, workflowId)}${isRollback(workflowId) ? ' --rollback-run' : ''}`;

export const upgradeNotFound = (workflowId: string): CommandError => unknownRun(UPGRADE, workflowId);
