/** `holdfast upgrade pause`: no new rebuild begins until it is resumed; snapshots are waited for all the same. */
import type { Command } from 'commander';
import { pauseUpdate } from '../../workflows/image-upgrade.messages.ts';
import { steer, steeringCommand, type SteeringFlags } from '../steering.ts';

export function addUpgradePause(upgrade: Command): void {
  steeringCommand(upgrade, 'pause', 'pause --reason "the helpdesk is overrun"')
    .description('start no new rebuild until it is resumed; follow those under way')
    .action(async (flags: SteeringFlags) => {
      await steer(flags, pauseUpdate, {}, ({ answer }) => `Paused: ${answer}`);
    });
}
