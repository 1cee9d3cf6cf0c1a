/** `holdfast upgrade skip`: a WorkSpace is not rebuilt in this run. */
import type { Command } from 'commander';
import { skipUpdate } from '../../workflows/image-upgrade.messages.ts';
import { steer, steeringCommand, workspaceId, type SteeringFlags } from '../steering.ts';

export function addUpgradeSkip(upgrade: Command): void {
  steeringCommand(upgrade, 'skip', 'skip ws-0fleet0007 --reason "its user presents tonight"')
    .description('leave a WorkSpace out of this run')
    .argument('<workspace>', 'ws-…', workspaceId)
    .action(async (workspace: string, flags: SteeringFlags) => {
      await steer(flags, skipUpdate, { workspaceId: workspace }, ({ answer }) => `Skipped ${workspace}: ${answer}`);
    });
}
