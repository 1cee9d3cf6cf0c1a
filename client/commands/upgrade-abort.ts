/** `holdfast upgrade abort`: no new rebuild begins; those under way are followed to their end, and the report is written. */
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { Command } from 'commander';
import { abortUpdate } from '../../workflows/image-upgrade.messages.ts';
import { CommandError } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { withTemporal } from '../temporal.ts';
import { plural } from '../text.ts';
import { addChoiceFlags, flagsOf, namedUpgrade, onlyUpgrade, type ChoiceFlags } from '../upgrade-choice.ts';
import { notFound } from '../upgrade-run.ts';
import { requireWorker } from '../workers.ts';

interface Flags extends ChoiceFlags {
  readonly reason?: string;
  readonly json?: boolean;
}

export function addUpgradeAbort(upgrade: Command): void {
  addChoiceFlags(upgrade.command('abort'))
    .description('start no new rebuild; follow those under way to their end, and report')
    .option('--reason <text>', 'why; it is kept in the report')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  holdfast upgrade abort --reason "the new image has a broken driver"')
    .action(async (flags: Flags) => {
      const named = namedUpgrade(flags);
      await withTemporal(async ({ client }) => {
        const workflowId = named ?? (await onlyUpgrade(client, { running: true }));
        await requireWorker(client);
        const handle = client.workflow.getHandle(workflowId);
        const answer = await handle
          .executeUpdate(abortUpdate, { args: [{ reason: flags.reason ?? null }] })
          .catch((error: unknown) => {
            if (error instanceof WorkflowUpdateFailedError) throw new CommandError('failed', messageOf(error));
            if ((error as Error).name === 'WorkflowNotFoundError') throw notFound(workflowId);
            throw error;
          });
        if (flags.json) {
          printJson({ workflowId, ...answer });
          return;
        }
        print(
          `Aborted ${workflowId}: no new rebuild begins\n` +
            `  ${plural(answer.followed, 'WorkSpace')} under rebuild: followed to the end, then the report is written\n` +
            `  ${plural(answer.notRebuilt, 'WorkSpace')} not rebuilt: they keep their present image\n` +
            `The bundle keeps the new image. Follow it with:  holdfast upgrade status --watch ${flagsOf(workflowId)}`,
        );
      });
    });
}

const messageOf = (error: WorkflowUpdateFailedError): string => error.cause?.message ?? error.message;
