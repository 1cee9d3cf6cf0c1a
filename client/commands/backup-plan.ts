/** `holdfast backup plan`: what an image backup would do. Changes nothing. */
import type { Command } from 'commander';
import { addBackupFlags, type BackupFlags } from '../backup-flags.ts';
import { backupInput } from '../backup-input.ts';
import { makeBackupPlan } from '../backup-run.ts';
import { backupPlanText, backupRowsText, plannedDeletionsText } from '../backup-text.ts';
import { CommandError } from '../exit.ts';
import { print, printJson, progress } from '../output.ts';
import { withTemporal } from '../temporal.ts';
import { requireWorker } from '../workers.ts';

export function addBackupPlan(backup: Command): void {
  addBackupFlags(backup.command('plan'))
    .description('show what an image backup would do, WorkSpace by WorkSpace; changes nothing')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: BackupFlags & { readonly json?: boolean }, command: Command) => {
      const input = backupInput(flags, command);
      await withTemporal(async ({ client }) => {
        await requireWorker(client, input.target);
        progress('Reading WorkSpaces and images; nothing is changed');
        const { summary, rows, images } = await makeBackupPlan(client, input);
        const texts = [backupRowsText(rows), plannedDeletionsText(images), backupPlanText(input, summary)];
        if (flags.json) printJson({ plan: summary, workspaces: rows, images });
        else print(texts.filter(Boolean).join('\n\n'));
        if (summary.problems.length > 0) {
          throw new CommandError('failed', 'this backup would be refused: see the problems');
        }
      });
    });
}

const EXAMPLE = `
Example:
  holdfast backup plan --policy golden --config holdfast.yaml
  holdfast backup plan --account 111122223333 --region eu-central-1 --policy golden --tag AutoBackup=enabled \\
    --days none --keep-at-least 3 --report-bucket holdfast-reports

Ends with 0, or with 1 when the backup would be refused.`;
