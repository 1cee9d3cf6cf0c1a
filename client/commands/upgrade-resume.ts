/** `holdfast upgrade resume`: a run that is paused or held goes on, or one WorkSpace that is blocked. */
import type { Command } from 'commander';
import { resumeUpdate } from '../../workflows/image-upgrade.messages.ts';
import { steer, steeringCommand, workspaceId, type SteeringFlags } from '../steering.ts';

export function addUpgradeResume(upgrade: Command): void {
  steeringCommand(upgrade, 'resume', 'resume --reason "the driver is mended"')
    .description('go on after a pause or a hold, with all that is blocked; or with one WorkSpace that is blocked')
    .argument('[workspace]', 'only this WorkSpace goes on: ws-…', workspaceId)
    .action(async (workspace: string | undefined, flags: SteeringFlags) => {
      await steer(
        flags,
        resumeUpdate,
        { workspaceId: workspace ?? null },
        ({ answer }) => `Resumed${workspace ? ` ${workspace}` : ''}: ${answer}`,
      );
    });
}
