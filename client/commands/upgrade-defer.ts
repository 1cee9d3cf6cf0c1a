/** `holdfast upgrade defer`: a WorkSpace is rebuilt later than the others. */
import type { Command } from 'commander';
import { deferUpdate } from '../../workflows/image-upgrade.messages.ts';
import { parseMinutes } from '../duration.ts';
import { steer, steeringCommand, workspaceId, type SteeringFlags } from '../steering.ts';

export function addUpgradeDefer(upgrade: Command): void {
  steeringCommand(upgrade, 'defer', 'defer ws-0fleet0007 4h --reason "its user asked for it"')
    .description('rebuild a WorkSpace not before so long, in the last wave')
    .argument('<workspace>', 'ws-…', workspaceId)
    .argument('<duration>', 'from now on: 30m, 4h or 1d', parseMinutes)
    .action(async (workspace: string, duration: number, flags: SteeringFlags) => {
      const request = { workspaceId: workspace, minutes: duration };
      await steer(flags, deferUpdate, request, ({ answer }) => `Deferred ${workspace}: ${answer}`);
    });
}
