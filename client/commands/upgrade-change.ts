/** `holdfast upgrade change`: another cap, threshold or other windows, while the upgrade runs. */
import { InvalidArgumentError, type Command } from 'commander';
import { shareProblem } from '../../domain/upgrade-input.ts';
import type { WindowRule } from '../../domain/windows.ts';
import { changeUpdate, type Change } from '../../workflows/image-upgrade.messages.ts';
import { CommandError } from '../exit.ts';
import { repeated } from '../list-flag.ts';
import { wholeNumber } from '../number-flag.ts';
import { steer, steeringCommand, type SteeringFlags } from '../steering.ts';
import { parseWindow } from '../window-flag.ts';

interface Flags extends SteeringFlags {
  readonly maxConcurrent?: number;
  /** False: --no-max-failures. */
  readonly maxFailures?: string | false;
  readonly window?: readonly WindowRule[];
  /** False: --no-windows. */
  readonly windows: boolean;
}

export function addUpgradeChange(upgrade: Command): void {
  const command = steeringCommand(
    upgrade,
    'change',
    'change --max-concurrent 25 --window "Sat,Sun 08:00-20:00 Europe/Berlin"',
  )
    .description('change the cap, the threshold or the windows of an upgrade while it runs')
    .optionsGroup('What changes:')
    .option('--max-concurrent <n>', 'rebuild so many at once', wholeNumber(1, 500))
    .option(
      '--max-failures <size>',
      'hold when more than so many, or more than this share, have failed: 3 or 10%',
      threshold,
    )
    .option('--no-max-failures', 'failures do not stop it any more')
    .option('--window <rule>', 'these windows instead of the present ones; repeatable', repeated(parseWindow))
    .option('--no-windows', 'at any time')
    .action(async (flags: Flags) => {
      refuseBoth(thresholds);
      await steer(flags, changeUpdate, changeOf(flags), ({ answer }) => `Changed: ${answer}`);
    });
  const thresholds = flagsGiven(command, ['max-failures', 'no-max-failures']);
}

/** Those of these flags that are given: of a flag and its `no-` form, commander keeps the later one only. */
function flagsGiven(command: Command, names: readonly string[]): ReadonlySet<string> {
  const given = new Set<string>();
  for (const name of names) command.on(`option:${name}`, () => void given.add(`--${name}`));
  return given;
}

function refuseBoth(given: ReadonlySet<string>): void {
  if (given.size < 2) return;
  throw new CommandError('usage', `${[...given].join(' and ')} contradict each other: give one`);
}

/** For commander. */
function threshold(value: string): string {
  const problem = shareProblem(value);
  if (problem !== null) throw new InvalidArgumentError(problem);
  return value;
}

function changeOf({ maxConcurrent, maxFailures, window, windows }: Flags): Change {
  if (window && !windows) refuseBoth(new Set(['--window', '--no-windows']));
  const change: Change = {
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
    ...(maxFailures === undefined ? {} : { maxFailures: maxFailures === false ? null : maxFailures }),
    ...(window ? { windows: window } : windows ? {} : { windows: [] }),
  };
  if (Object.keys(change).length > 0) return change;
  throw new CommandError(
    'usage',
    'nothing to change: give --max-concurrent, --max-failures, --no-max-failures, --window or --no-windows',
  );
}
