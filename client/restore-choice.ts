/** Which restore a command is about. */
import type { UpdateDefinition } from '@temporalio/common';
import type { Command } from 'commander';
import { imageRestoreId } from '../workflows/image-restore.messages.ts';
import type { By, SteeringAnswer } from '../domain/steering.ts';
import { flagsOfRun, unknownRun, withRun, type Chosen, type RunKind } from './choice.ts';
import type { CommandError } from './exit.ts';
import { print, printJson } from './output.ts';
import { person, sayTo } from './say-to-run.ts';

export interface RestoreChoiceFlags {
  readonly account?: string;
  readonly region?: string;
  readonly workspace?: string;
}

const RESTORE: RunKind = { noun: 'restore', workflowType: 'imageRestore', flag: 'workspace', idOf: imageRestoreId };

export const addRestoreChoiceFlags = (command: Command): Command =>
  command
    .optionsGroup('Which restore:')
    .option('--account <id>', 'the AWS account of the WorkSpace')
    .option('--region <name>', 'its Region')
    .option('--workspace <id>', 'its id as the restore was started with; none of the three: the only one, or the last')
    .optionsGroup('Options:');

/** @param options `running`: one that has ended will not do */
export const withRestore = async (
  { account, region, workspace }: RestoreChoiceFlags,
  use: (chosen: Chosen) => Promise<void>,
  options: { readonly running?: boolean } = {},
): Promise<void> => await withRun(RESTORE, { account, region, subject: workspace }, use, options);

export const restoreFlagsOf = (workflowId: string): string => flagsOfRun(RESTORE, workflowId);

export const restoreNotFound = (workflowId: string): CommandError => unknownRun(RESTORE, workflowId);

export interface RestoreSteeringFlags extends RestoreChoiceFlags {
  readonly reason?: string;
  readonly json?: boolean;
}

/** @param example what follows `holdfast restore ` */
export const restoreSteeringCommand = (restore: Command, name: string, example: string): Command =>
  addRestoreChoiceFlags(restore.command(name))
    .option('--reason <text>', 'why; it is kept in the report')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `\nExample:\n  holdfast restore ${example}\n\nEnds with 0, or with 1 when the restore refuses it: nothing was changed then.`,
    );

/** Has the run do one thing, and tells its answer. */
export async function steerRestore<Request extends By>(
  flags: RestoreSteeringFlags,
  update: UpdateDefinition<SteeringAnswer, [Request]>,
  requestOf: (workspaceId: string) => Omit<Request, keyof By>,
): Promise<void> {
  await withRestore(
    flags,
    async ({ client, workflowId }) => {
      const about = requestOf(workflowId.split('/')[3] ?? '');
      const request = { ...about, by: person(), reason: flags.reason ?? null } as unknown as Request;
      const answer = await sayTo(client, { workflowId, update, request, unknown: restoreNotFound });
      if (flags.json) printJson({ workflowId, ...answer });
      else
        print(
          `${workflowId}\n${answer.answer}\nFollow it with:  holdfast restore status ${restoreFlagsOf(workflowId)}`,
        );
    },
    { running: true },
  );
}
