/** `holdfast schedules apply`: makes the schedules in Temporal match the file. Those of others are not touched. */
import confirm from '@inquirer/confirm';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { CONFIG_FILE } from '../config-flag.ts';
import { CommandError } from '../exit.ts';
import { print, printJson, say } from '../output.ts';
import { isChanged } from '../schedules/compare.ts';
import { desiredBy, differenceTo, type Difference } from '../schedules/difference.ts';
import { makeSo } from '../schedules/server.ts';
import { diffText } from '../schedules/text.ts';
import { withTemporal } from '../temporal.ts';
import { plural } from '../text.ts';

interface Flags {
  readonly config: string;
  readonly delete?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function addSchedulesApply(schedules: Command): void {
  schedules
    .command('apply')
    .description('show the difference, ask, and make Temporal’s schedules match the file')
    .option('--config <file>', 'the file that declares the schedules', CONFIG_FILE)
    .option('--delete', 'remove too what is no longer in the file')
    .option('--yes', 'do not ask; for scripts')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags) => {
      const desired = desiredBy(flags.config);
      refuseWithoutTerminal(flags.yes);
      await withTemporal(async ({ client }) => await apply(client, await differenceTo(client, desired), flags));
    });
}

const EXAMPLE = `
Example:
  holdfast schedules apply --config holdfast.yaml --yes

A schedule that was paused by hand stays paused; one that the file declares paused is paused, and goes on when the file
does so no more. Runs under way are not touched. Repeated, it changes nothing. Schedules of files with another name are
never touched; of those that were applied from a file of this name, or of none where this has none, --delete removes what is
no longer in the file.`;

/** Ends a command that would have to ask, where nobody can answer. */
export function refuseWithoutTerminal(yes: boolean | undefined): void {
  if (yes || process.stdin.isTTY) return;
  throw new CommandError('usage', 'there is no terminal to ask on: give --yes to go on without a question');
}

async function apply(client: Client, difference: Difference, flags: Flags): Promise<void> {
  const { changes, untouched, desired } = difference;
  const due = changes.filter((change) => isChanged(change) && (change.what !== 'delete' || flags.delete));
  say(diffText(difference));
  if (due.length > 0 && !flags.yes) {
    const message = `Make ${plural(due.length, 'change')}?`;
    if (!(await confirm({ message, default: false }, { output: process.stderr })))
      throw new CommandError('failed', 'not applied, nothing was changed');
  }
  for (const [index, change] of due.entries()) {
    try {
      await makeSo(client, change, desired);
    } catch (error) {
      const done = due.slice(0, index).map(({ what, name }) => `${what} ${name}`);
      say(`${change.what} ${change.name} did not succeed; done before it: ${done.join(', ') || 'nothing'}`);
      throw error;
    }
  }
  if (flags.json) printJson({ changes, applied: due.map(({ name }) => name), ...untouched });
  else print(due.length === 0 ? 'Nothing to change' : `Applied ${plural(due.length, 'change')}`);
}
