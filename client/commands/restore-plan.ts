/** `holdfast restore plan`: what each strategy would bring back, and what it would lose. Changes nothing. */
import type { Command } from 'commander';
import { CommandError } from '../exit.ts';
import { print, printJson, progress } from '../output.ts';
import { makeRestorePlan } from '../restore-begin.ts';
import { addRestorePlanFlags, restorePlanInput, type RestorePlanFlags } from '../restore-flags.ts';
import { restorePlanText } from '../restore-text.ts';
import { withTemporal } from '../temporal.ts';
import { requireWorker } from '../workers.ts';

interface Flags extends RestorePlanFlags {
  readonly json?: boolean;
}

export function addRestorePlan(restore: Command): void {
  addRestorePlanFlags(restore.command('plan'))
    .description('show what each strategy would bring back and what it would lose; changes nothing')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags) => {
      const input = restorePlanInput(flags);
      await withTemporal(async ({ client }) => {
        await requireWorker(client, input.target);
        progress('Reading the WorkSpace; nothing is changed');
        const plan = await makeRestorePlan(client, input);
        if (flags.json) printJson(plan);
        else print(restorePlanText(plan));
        if (!plan.strategies.some(({ possible }) => possible)) {
          throw new CommandError('failed', 'no strategy is possible at present: see the checks');
        }
      });
    });
}

const EXAMPLE = `
Example:
  holdfast restore plan --account 111122223333 --region eu-central-1 --workspace ws-0fleet0001 --image wsi-0fleet0002 \\
    --report-bucket holdfast-reports

Ends with 0, or with 1 when no strategy is possible.`;
