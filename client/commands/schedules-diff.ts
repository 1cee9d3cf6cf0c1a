/** `holdfast schedules diff`: what `apply` would change. Changes nothing. */
import type { Command } from 'commander';
import { CONFIG_FILE } from '../config-flag.ts';
import { CommandError } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { isChanged } from '../schedules/compare.ts';
import { desiredBy, differenceTo } from '../schedules/difference.ts';
import { diffText } from '../schedules/text.ts';
import { withTemporal } from '../temporal.ts';

interface Flags {
  readonly config: string;
  readonly exitCode?: boolean;
  readonly json?: boolean;
}

export function addSchedulesDiff(schedules: Command): void {
  schedules
    .command('diff')
    .description('show what apply would create, change and delete; changes nothing')
    .option('--config <file>', 'the file that declares the schedules', CONFIG_FILE)
    .option('--exit-code', 'end with 1 when anything differs')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async ({ config, exitCode, json }: Flags) => {
      const desired = desiredBy(config);
      await withTemporal(async ({ client }) => {
        const difference = await differenceTo(client, desired);
        const { changes, untouched } = difference;
        if (json) printJson({ changes, ...untouched });
        else print(diffText(difference));
        if (exitCode && changes.some(isChanged))
          throw new CommandError('failed', `the schedules differ from ${config}: see what would be changed`);
      });
    });
}

const EXAMPLE = `
Example:
  holdfast schedules diff --config holdfast.yaml

Ends with 0, also when something differs; with --exit-code: with 1 then.`;
