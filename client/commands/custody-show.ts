/** `holdfast custody show`: the whole chain of one recovery point. */
import type { Command } from 'commander';
import { pointArnOf, readCustody } from '../custody-choice.ts';
import { custodyText } from '../custody-text.ts';
import { CommandError } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { withTemporal } from '../temporal.ts';
import { runFailed } from '../upgrade-failure.ts';
import { requireWorker } from '../workers.ts';

interface Flags {
  readonly json?: boolean;
}

export function addCustodyShow(custody: Command): void {
  custody
    .command('show <recovery-point-arn>')
    .description('show the whole chain of a recovery point: source, copies, verification, retention, evidence')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (arn: string, flags: Flags) => {
      const pointArn = pointArnOf(arn);
      await withTemporal(async ({ client }) => {
        await requireWorker(client);
        const { workflowId, runId, execution, failure, status } = await readCustody(client, pointArn);
        if (failure !== null) throw runFailed(workflowId, execution, failure);
        if (flags.json) printJson({ workflowId, runId, execution, ...status });
        else print(custodyText(status));
        if (status.health === 'blocked' && execution === 'RUNNING') {
          throw new CommandError('blocked', 'it waits for a person: see what for, then `holdfast custody resume`');
        }
      });
    });
}

const EXAMPLE = `
Example:
  holdfast custody show arn:aws:ec2:eu-central-1::snapshot/snap-0123456789abcdef0

Ends with 0, also after its end; with 1 when the custody itself failed; with 4 when it waits for a person.`;
