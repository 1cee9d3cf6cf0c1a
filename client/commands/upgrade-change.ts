/** `holdfast upgrade change`: another cap, threshold or other windows, while the upgrade runs. */
import type { Command } from 'commander';
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
  steeringCommand(upgrade, 'change', 'change --max-concurrent 25 --window "Sat,Sun 08:00-20:00 Europe/Berlin"')
    .description('change the cap, the threshold or the windows of an upgrade while it runs')
    .optionsGroup('What changes:')
    .option('--max-concurrent <n>', 'rebuild so many at once', wholeNumber(1, 500))
    .option('--max-failures <size>', 'hold when more than so many, or more than this share, have failed: 3 or 10%')
    .option('--no-max-failures', 'failures do not stop it any more')
    .option('--window <rule>', 'these windows instead of the present ones; repeatable', repeated(parseWindow))
    .option('--no-windows', 'at any time')
    .action(async (flags: Flags) => {
      await steer(flags, changeUpdate, changeOf(flags), ({ answer }) => `Changed: ${answer}`);
    });
}

function changeOf({ maxConcurrent, maxFailures, window, windows }: Flags): Change {
  if (window && !windows) throw new CommandError('usage', '--window and --no-windows contradict each other: give one');
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
