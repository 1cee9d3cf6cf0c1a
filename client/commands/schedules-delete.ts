/** `holdfast schedules delete`: removes a schedule of Holdfast's; what it has started goes on. */
import confirm from '@inquirer/confirm';
import type { Command } from 'commander';
import { scheduleNameOf } from '../../domain/schedules.ts';
import { CommandError } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { deleteOurs, ourSchedule } from '../schedules/server.ts';
import { withTemporal } from '../temporal.ts';
import { refuseWithoutTerminal } from './schedules-apply.ts';

export function addSchedulesDelete(schedules: Command): void {
  schedules
    .command('delete <name>')
    .description('remove this schedule from Temporal; what it has started goes on')
    .option('--yes', 'do not ask; for scripts')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (name: string, { yes, json }: { readonly yes?: boolean; readonly json?: boolean }) => {
      refuseWithoutTerminal(yes);
      await withTemporal(async ({ client }) => {
        const { scheduleId } = await ourSchedule(client, name);
        const message = `Delete the schedule ${scheduleNameOf(scheduleId)}?`;
        if (!yes && !(await confirm({ message, default: false }, { output: process.stderr })))
          throw new CommandError('failed', 'not deleted');
        await deleteOurs(client, scheduleId);
        if (json) printJson({ scheduleId, deleted: true });
        else print(`Deleted ${scheduleNameOf(scheduleId)}: while the file declares it, apply makes it again`);
      });
    });
}

const EXAMPLE = `
Example:
  holdfast schedules delete nightly-golden

Schedules that Holdfast did not make are refused. To have it gone for good, take it out of the file too.`;
