/** `holdfast upgrade`: image upgrades of WorkSpaces. */
import type { Command } from 'commander';
import { addUpgradeAbort } from './upgrade-abort.ts';
import { addUpgradePlan } from './upgrade-plan.ts';
import { addUpgradeReport } from './upgrade-report.ts';
import { addUpgradeStart } from './upgrade-start.ts';
import { addUpgradeStatus } from './upgrade-status.ts';

export function addUpgrade(program: Command): void {
  const upgrade = program.command('upgrade').description('set a bundle to a new image, and rebuild its WorkSpaces');
  for (const add of [addUpgradePlan, addUpgradeStart, addUpgradeStatus, addUpgradeAbort, addUpgradeReport])
    add(upgrade);
}
