/** `holdfast sandbox start`: the embedded AWS alone, for the AWS CLI, SDKs and workers of one's own. */
import { Option, type Command } from 'commander';
import { seedFleet } from '../../sandbox/fleet.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { demoFleet, plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { CommandError } from '../exit.ts';
import { untilInterrupted } from '../interrupt.ts';
import { positive, wholeNumber } from '../number-flag.ts';
import { print, printJson } from '../output.ts';
import { sandboxVariables } from './sandbox-env.ts';

interface Flags {
  readonly port: number;
  readonly seed: number;
  readonly speed: number;
  readonly startTime?: string;
  readonly folder?: string;
  readonly fleet: 'demo' | 'plain' | 'none';
  readonly json?: boolean;
}

export function addSandbox(program: Command): void {
  program
    .command('sandbox')
    .description('the embedded AWS')
    .command('start')
    .description('serve it on the loopback interface until Ctrl-C')
    .addOption(new Option('--port <n>', '0: any free one').argParser(wholeNumber(0, 65_535)).default(4_599))
    .addOption(
      new Option('--seed <n>', 'the same seed, the same fleet and timings')
        .argParser(wholeNumber(0, 2 ** 31))
        .default(1),
    )
    .addOption(new Option('--speed <n>', 'virtual seconds in a real one').argParser(positive(100_000)).default(1))
    .option('--start-time <instant>', 'its time at the start, ISO 8601 (default: now)')
    .option('--folder <path>', 'keep its state there across restarts')
    .addOption(
      new Option('--fleet <name>', 'what is in it: 200 WorkSpaces as one meets them, 200 alike, or nothing')
        .choices(['demo', 'plain', 'none'])
        .default('demo'),
    )
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExample:\n  holdfast sandbox start --speed 60 --folder ./sandbox-state')
    .action(async (flags: Flags) => {
      const sandbox = await open(flags);
      try {
        const { account, region } = WELL_KNOWN;
        const variables = sandboxVariables({ endpoint: sandbox.endpoint, account, region });
        if (flags.json) printJson({ endpoint: sandbox.endpoint, variables });
        else print(greeting(sandbox, variables));
        await untilInterrupted();
      } finally {
        await sandbox.close();
      }
    });
}

async function open({ port, seed, speed, startTime, folder, fleet }: Flags): Promise<Sandbox> {
  if (startTime !== undefined && Number.isNaN(Date.parse(startTime))) {
    throw new CommandError('usage', `--start-time must be an instant such as 2026-03-02T06:00:00Z, got "${startTime}"`);
  }
  const sandbox = await startSandbox({
    port,
    seed,
    speed,
    ...(startTime === undefined ? {} : { startTime }),
    ...(folder === undefined ? {} : { folder }),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE')
      throw new CommandError('usage', `--port ${port} is in use: give another, or 0 for any free one`);
    if (error.syscall === 'listen')
      throw new CommandError(
        'usage',
        `--port ${port} cannot be used (${error.code}): give another, or 0 for any free one`,
      );
    if (folder !== undefined && error.syscall !== undefined)
      throw new CommandError('usage', `--folder ${folder} cannot be used: ${error.message}`);
    throw error;
  });
  // A folder's fleet is as it was left.
  const isKept = sandbox.world.store.places('workspaces.desktops').length > 0;
  if (fleet !== 'none' && !isKept) seedFleet(sandbox.world, fleet === 'demo' ? demoFleet() : plainFleet(200));
  return sandbox;
}

const greeting = ({ endpoint }: Sandbox, variables: Readonly<Record<string, string>>): string =>
  [
    `AWS sandbox at ${endpoint}, until Ctrl-C. Use it with`,
    ...Object.entries(variables).map(([name, value]) => `  export ${name}=${value}`),
    `What was called: curl ${endpoint}/_holdfast/calls`,
  ].join('\n');
