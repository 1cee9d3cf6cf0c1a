/** The parameters that a command line comes to. */
import { Command } from 'commander';
import { addUpgradeFlags, type UpgradeFlags } from '../../client/upgrade-flags.ts';
import { upgradeInput } from '../../client/upgrade-input.ts';
import type { ImageUpgradeInput } from '../../domain/image-upgrade.ts';

export const WHAT = Object.entries({
  '--account': '111122223333',
  '--region': 'eu-central-1',
  '--bundle': 'wsb-0fleet0001',
  '--image': 'wsi-0fleet0002',
  '--report-bucket': 'holdfast-reports',
}).flat();

export function inputOf(...args: readonly (string | readonly string[])[]): ImageUpgradeInput {
  const command = addUpgradeFlags(new Command()).exitOverride();
  command.configureOutput({ writeErr: () => undefined });
  return upgradeInput(command.parse(args.flat(), { from: 'user' }).opts<UpgradeFlags>());
}
