/** `holdfast restore status`: how far a restore is, or how it ended. */
import type { Command } from 'commander';
import { restoreStatusQuery } from '../../workflows/image-restore.messages.ts';
import { CommandError } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { readRun } from '../read-run.ts';
import { addRestoreChoiceFlags, restoreNotFound, withRestore, type RestoreChoiceFlags } from '../restore-choice.ts';
import { restoreStatusText } from '../restore-text.ts';
import { runFailed } from '../upgrade-failure.ts';

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
        const run = await readRun(client, workflowId, restoreStatusQuery, restoreNotFound);
        const { runId, execution, failure, status } = run;
        if (failure !== null) throw runFailed(workflowId, execution, failure);
        if (flags.json) printJson({ workflowId, runId, execution, ...status });
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
