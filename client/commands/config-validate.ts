/** `holdfast config validate`: whether `holdfast.yaml` can be used. Asks neither Temporal nor AWS. */
import type { Command } from 'commander';
import { loadConfig, problemText, type Config } from '../../config/index.ts';
import { lastTimeOf } from '../../domain/schedule-times.ts';
import { targetName } from '../../domain/target.ts';
import { CONFIG_FILE } from '../config-flag.ts';
import { CommandError } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { clockNotes } from '../schedules/clock-notes.ts';
import { plural, table } from '../text.ts';

interface Flags {
  readonly file: string;
  readonly json?: boolean;
}

export function addConfigValidate(config: Command): void {
  config
    .command('validate')
    .description('tell every problem of holdfast.yaml, with its line; asks neither Temporal nor AWS')
    .option('--file <file>', 'the file', CONFIG_FILE)
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(({ file, json = false }: Flags) => validate(file, json));
}

const EXAMPLE = `
Example:
  holdfast config validate --file holdfast.yaml

Ends with 0, or with 2 when there are problems: a line each, <file>:<line>:<column>  <where>: <what>.`;

function validate(file: string, json: boolean): void {
  const loaded = loadConfig(file, process.env);
  if (loaded.ok) {
    const warnings = warningsOn(loaded.config);
    if (json) printJson({ file, valid: true, ...namesOf(loaded.config), warnings });
    else print([`${file} is valid`, summaryText(loaded.config), ...warnings].join('\n\n'));
    return;
  }
  const { problems } = loaded;
  if (json) printJson({ file, valid: false, problems });
  else print(problems.map(problemText).join('\n'));
  throw new CommandError('usage', `${file} has ${plural(problems.length, 'problem')}`);
}

/** What is no mistake and may be none that was meant. A time that is over is not refused: it was right before. */
const warningsOn = ({ schedules }: Config): string[] =>
  Object.values(schedules).flatMap((entry) => {
    const lastAt = lastTimeOf(entry.spec, entry.timeZone);
    const isOver = lastAt !== null && Date.parse(lastAt) < Date.now();
    const notes = [...(isOver ? [`no time is left, the last was ${lastAt}`] : []), ...clockNotes(entry, new Date())];
    return notes.map((note) => `schedules.${entry.name}: ${note}`);
  });

/** No values: some came from the environment. */
const namesOf = ({ targets, imageBackup, imageUpgrade, custody, schedules }: Config) => ({
  targets: targets.map(targetName),
  policies: {
    imageBackup: Object.keys(imageBackup),
    imageUpgrade: Object.keys(imageUpgrade),
    custody: Object.keys(custody),
  },
  schedules: Object.keys(schedules),
});

function summaryText({ accounts, imageBackup, imageUpgrade, custody, schedules }: Config): string {
  const policies = Object.entries({ imageBackup, imageUpgrade }).flatMap(([capability, named]) =>
    Object.entries(named).map(([name, { target }]) => [capability, name, targetName(target)]),
  );
  const custodies = Object.values(custody).map(({ name, sources }) => [
    'custody',
    name,
    sources.map(targetName).join(', '),
  ]);
  const parts = [
    table(
      ['ACCOUNT', 'ID', 'REGIONS', 'ROLE'],
      accounts.map(({ name, id, regions, roleArn }) => [name, id, regions.join(', '), roleArn ?? 'the worker’s own']),
    ),
    policies.length + custodies.length > 0
      ? table(['POLICY OF', 'NAME', 'FOR'], [...policies, ...custodies])
      : 'No policies',
    Object.keys(schedules).length > 0
      ? table(
          ['SCHEDULE', 'STARTS', 'TIME ZONE', 'OVERLAP', 'PAUSED'],
          Object.values(schedules).map(({ name, starts, timeZone, overlap, paused }) => [
            name,
            `${starts.capability} ${starts.policy}`,
            timeZone,
            overlap,
            paused ? 'yes' : 'no',
          ]),
        )
      : 'No schedules',
  ];
  return parts.join('\n\n');
}
