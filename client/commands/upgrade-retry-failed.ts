/** `holdfast upgrade retry-failed`: what failed in a run that goes on begins again. */
import type { Command } from 'commander';
import { retryFailedUpdate } from '../../workflows/image-upgrade.messages.ts';
import { steer, steeringCommand, type SteeringFlags } from '../steering.ts';

export function addUpgradeRetryFailed(upgrade: Command): void {
  steeringCommand(upgrade, 'retry-failed', 'retry-failed --reason "the directory is reachable again"')
    .description('begin again with those that are rebuildFailed, rebuildUnconfirmed or timedOutWaiting')
    .action(async (flags: SteeringFlags) => {
      await steer(flags, retryFailedUpdate, {}, ({ answer }) => `Retrying: ${answer}`);
    });
}
