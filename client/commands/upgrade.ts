/** `holdfast upgrade`: image upgrades of WorkSpaces. */
import type { Command } from 'commander';
import { addUpgradeAbort } from './upgrade-abort.ts';
import { addUpgradeApprove } from './upgrade-approve.ts';
import { addUpgradeChange } from './upgrade-change.ts';
import { addUpgradeDefer } from './upgrade-defer.ts';
import { addUpgradePause } from './upgrade-pause.ts';
import { addUpgradePlan } from './upgrade-plan.ts';
import { addUpgradeRehearse } from './upgrade-rehearse.ts';
import { addUpgradeReport } from './upgrade-report.ts';
import { addUpgradeResume } from './upgrade-resume.ts';
import { addUpgradeRetryFailed } from './upgrade-retry-failed.ts';
import { addUpgradeSkip } from './upgrade-skip.ts';
import { addUpgradeStart } from './upgrade-start.ts';
import { addUpgradeStatus } from './upgrade-status.ts';

export function addUpgrade(program: Command): void {
  const upgrade = program.command('upgrade').description('set a bundle to a new image, and rebuild its WorkSpaces');
  for (const add of COMMANDS) add(upgrade);
}

/** In the order in which one needs them. */
const COMMANDS = [
  addUpgradePlan,
  addUpgradeRehearse,
  addUpgradeStart,
  addUpgradeStatus,
  addUpgradeApprove,
  addUpgradePause,
  addUpgradeResume,
  addUpgradeSkip,
  addUpgradeDefer,
  addUpgradeRetryFailed,
  addUpgradeChange,
  addUpgradeAbort,
  addUpgradeReport,
];
