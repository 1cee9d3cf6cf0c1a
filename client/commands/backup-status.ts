/** `holdfast backup status`: how far an image backup is, or how it ended. */
import type { Command } from 'commander';
import { backupPhaseOf } from '../../domain/backup-row.ts';
import { addBackupChoice, withBackup, type BackupChoiceFlags } from '../backup-choice.ts';
import { readBackup } from '../backup-run.ts';
import { backupText } from '../backup-text.ts';
import { CommandError } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { uiLink } from '../temporal.ts';
import { hasFailed, runFailed } from '../upgrade-failure.ts';

export function addBackupStatus(backup: Command): void {
  addBackupChoice(backup.command('status'))
    .description('show how far a backup is, or how it ended')
    .option('--json', 'one JSON document on stdout, with every WorkSpace')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: BackupChoiceFlags & { readonly json?: boolean }) => {
      await withBackup(flags, async ({ client, place, workflowId }) => {
        const view = await readBackup(client, workflowId);
        const { status, rows, images, ...about } = view;
        const { input, ...facts } = status;
        const workspaces = rows.map((row) => ({ phase: backupPhaseOf(row), ...row }));
        const link = uiLink(place, workflowId, view.runId);
        if (flags.json) printJson({ ...about, link, ...facts, parameters: input, images, workspaces });
        else print(backupText(view));
        if (hasFailed(view.execution)) throw runFailed(workflowId, view.execution, null);
        if (status.counts.blocked > 0) {
          throw new CommandError('blocked', 'the backup waits for a person: see what for');
        }
      });
    });
}

const EXAMPLE = `
Example:
  holdfast backup status --account 111122223333 --region eu-central-1 --policy golden

Ends with 0, also when WorkSpaces were not imaged; with 1 when the run itself failed, was cancelled or terminated; with 4
when a WorkSpace is blocked.`;
