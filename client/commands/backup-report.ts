/** `holdfast backup report`: where a backup's reports lie, and its rows as they are known to Temporal. */
import { Option, type Command } from 'commander';
import { backupCsv } from '../../report/backup-csv.ts';
import { backupJson } from '../../report/backup-json.ts';
import { addBackupChoice, backupFlagsOf, withBackup, type BackupChoiceFlags } from '../backup-choice.ts';
import { readBackup, type BackupView } from '../backup-run.ts';
import { CommandError } from '../exit.ts';
import { print } from '../output.ts';

interface Flags extends BackupChoiceFlags {
  readonly csv?: boolean;
  readonly json?: boolean;
}

export function addBackupReport(backup: Command): void {
  addBackupChoice(backup.command('report'))
    .description('say where the reports lie, or print them; also while the backup runs')
    .option('--csv', 'the rows as CSV')
    .addOption(new Option('--json', 'the rows, images, totals and parameters as JSON').conflicts('csv'))
    .addHelpText('after', '\nExample:\n  holdfast backup report --csv > backup.csv')
    .action(async (flags: Flags) => {
      await withBackup(flags, async ({ client, workflowId }) => {
        const view = await readBackup(client, workflowId);
        if (flags.csv) process.stdout.write(backupCsv(view.rows));
        else if (flags.json) process.stdout.write(jsonOf(view));
        else print(placeText(view));
      });
    });
}

function jsonOf({ workflowId, runId, execution, status, rows, images }: BackupView): string {
  const { input, plan, startedAt, aborted, retentionRefused, steering, now } = status;
  const endedAt = execution === 'RUNNING' ? null : now;
  const run = { workflowId, runId };
  return backupJson({ run, input, plan, startedAt, endedAt, aborted, retentionRefused, steering }, rows, images);
}

function placeText({ workflowId, status, execution, failure }: BackupView): string {
  if (status.report) return `${status.report.csv}\n${status.report.json}`;
  const { bucket, prefix } = status.input.report;
  if (execution === 'RUNNING') {
    return `not written yet: it will lie under s3://${bucket}/${prefix}; the rows so far: holdfast backup report --csv ${backupFlagsOf(workflowId)}`;
  }
  throw new CommandError(
    'notFound',
    `${workflowId} ended without a report (${status.phase}, ${execution.toLowerCase()})${failure ? `: ${failure}` : ''}`,
  );
}
