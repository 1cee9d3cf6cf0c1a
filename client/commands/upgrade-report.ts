/** `holdfast upgrade report`: where an upgrade's reports lie, and its rows as they are known to Temporal. */
import { writeFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { upgradeCsv } from '../../report/upgrade-csv.ts';
import { upgradeJson } from '../../report/upgrade-json.ts';
import { CommandError } from '../exit.ts';
import { print, say } from '../output.ts';
import { plural } from '../text.ts';
import { addChoiceFlags, flagsOf, withUpgrade, type ChoiceFlags } from '../upgrade-choice.ts';
import { readUpgrade, type UpgradeView } from '../upgrade-run.ts';

interface Flags extends ChoiceFlags {
  readonly csv?: boolean;
  readonly json?: boolean;
  readonly output?: string;
}

export function addUpgradeReport(upgrade: Command): void {
  addChoiceFlags(upgrade.command('report'))
    .description('say where the reports lie, or print them; also while the upgrade runs')
    .option('--csv', 'the rows as CSV')
    .addOption(new Option('--json', 'the rows, totals and parameters as JSON').conflicts('csv'))
    .option('-o, --output <file>', 'write to this file instead of stdout')
    .addHelpText('after', '\nExample:\n  holdfast upgrade report --csv -o upgrade.csv')
    .action(async (flags: Flags) => {
      if (flags.output && !flags.csv && !flags.json)
        throw new CommandError('usage', 'give --csv or --json with --output');
      await withUpgrade(flags, async ({ client, workflowId }) => {
        const view = await readUpgrade(client, workflowId);
        if (!flags.csv && !flags.json) {
          print(placeText(view));
          const { rollback } = view.status;
          if (rollback) say(`Of the way back to the previous image: holdfast upgrade report ${flagsOf(rollback)}`);
          return;
        }
        const text = flags.csv ? upgradeCsv(view.status.input, view.rows) : jsonOf(view);
        const leftOut = view.status.plan?.counts.skipped ?? 0;
        if (leftOut > 0)
          say(`${plural(leftOut, 'WorkSpace')} that the preflight left out are in the report in S3 only`);
        // Rows of a cohort that does not answer are not there.
        for (const each of view.retrying) say(`Retrying: ${each}`);
        if (flags.output) writeReport(flags.output, text);
        else process.stdout.write(text);
      });
    });
}

function placeText({ workflowId, status, execution, failure }: UpgradeView): string {
  if (status.report) return `${status.report.csv}\n${status.report.json}`;
  if (execution === 'RUNNING') {
    const { bucket, prefix } = status.input.report;
    return `not written yet: it will lie under s3://${bucket}/${prefix}; the rows so far: holdfast upgrade report --csv ${flagsOf(workflowId)}`;
  }
  throw new CommandError(
    'notFound',
    `${workflowId} ended without a report (${status.phase}, ${execution.toLowerCase()})${failure ? `: ${failure}` : ''}`,
  );
}

function jsonOf({ workflowId, runId, execution, status, rows, now }: UpgradeView): string {
  const { input, plan, startedAt, aborted, approved, bundleSetTo, waveTimes, present, steering } = status;
  return upgradeJson(
    {
      run: { workflowId, runId },
      input,
      previousImageId: plan?.previousImageId ?? null,
      startedAt,
      endedAt: execution === 'RUNNING' ? null : now,
      aborted,
      approved,
      bundleSetTo,
      waves: waveTimes,
      present,
      steering,
    },
    rows,
  );
}

function writeReport(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new CommandError('usage', `--output ${path} cannot be written: ${(error as Error).message}`);
  }
  say(`Wrote ${path}`);
}
