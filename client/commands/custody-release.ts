/** `holdfast custody release`: a person ends a custody, and leaves the original as it is. */
import type { Command } from 'commander';
import { custodyId } from '../../domain/custody.ts';
import { releaseCustodyUpdate } from '../../workflows/custody.messages.ts';
import { custodyNotFound, pointArnOf } from '../custody-choice.ts';
import { CommandError } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { person, sayTo } from '../say-to-run.ts';
import { withTemporal } from '../temporal.ts';
import { requireWorker } from '../workers.ts';

interface Flags {
  readonly confirm?: boolean;
  readonly reason?: string;
  readonly json?: boolean;
}

export function addCustodyRelease(custody: Command): void {
  custody
    .command('release <recovery-point-arn>')
    .description('end its custody: no further copy, and the original is left as it is')
    .option('--confirm', 'really: no event and no sweep begins it again')
    .option('--reason <text>', 'why; it is kept in the evidence')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (arn: string, flags: Flags) => {
      const workflowId = custodyId(pointArnOf(arn));
      if (!flags.confirm) {
        throw new CommandError('usage', 'a released recovery point is not taken up again by itself: give --confirm');
      }
      await withTemporal(async ({ client }) => {
        await requireWorker(client);
        const request = { by: person(), reason: flags.reason ?? null };
        const about = { workflowId, update: releaseCustodyUpdate, request, unknown: custodyNotFound };
        const { answer } = await sayTo(client, about);
        if (flags.json) printJson({ workflowId, answer });
        else print(`${workflowId}\n${answer}`);
      });
    });
}

const EXAMPLE = `
Example:
  holdfast custody release arn:aws:ec2:eu-central-1::snapshot/snap-0123456789abcdef0 --confirm --reason "CHG-1"

Ends with 0, or with 1 when the custody refuses it: nothing was changed then.`;
