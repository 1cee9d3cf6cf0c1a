/** `holdfast restore status`: how far a restore is, or how it ended. */
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Command } from 'commander';
import { restoreStatusQuery } from '../../workflows/image-restore.messages.ts';
import { CommandError } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { addRestoreChoiceFlags, restoreNotFound, withRestore, type RestoreChoiceFlags } from '../restore-choice.ts';
import { restoreStatusText } from '../restore-text.ts';
import { failureOf, hasFailed, runFailed } from '../upgrade-failure.ts';

interface Flags extends RestoreChoiceFlags {
  readonly json?: boolean;
}

export function addRestoreStatus(restore: Command): void {
  addRestoreChoiceFlags(restore.command('status'))
    .description('show how far a restore is, or how it ended')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags) => {
      await withRestore(flags, async ({ client, workflowId }) => {
        const handle = client.workflow.getHandle(workflowId);
        const about = await handle.describe().catch((error: unknown) => {
          if (error instanceof WorkflowNotFoundError) throw restoreNotFound(workflowId);
          throw error;
        });
        const execution = about.status.name;
        if (hasFailed(execution)) {
          throw runFailed(workflowId, execution, await failureOf(client, workflowId, about.runId));
        }
        const status = await handle.query(restoreStatusQuery);
        if (flags.json) printJson({ workflowId, runId: about.runId, execution, ...status });
        else print(restoreStatusText(workflowId, status));
        const waits = status.blocked !== null || status.approvalExpiresAt !== null;
        if (waits) throw new CommandError('blocked', 'the restore waits for a person: see what for');
      });
    });
}

const EXAMPLE = `
Example:
  holdfast restore status

Ends with 0, also when it was not restored; with 1 when the run itself failed; with 4 when it waits for a person: it is
blocked, or waits for approval.`;
