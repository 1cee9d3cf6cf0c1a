/** `holdfast upgrade defer`: a WorkSpace is rebuilt later than the others. */
import { InvalidArgumentError, type Command } from 'commander';
import { deferUpdate } from '../../workflows/image-upgrade.messages.ts';
import { parseMinutes } from '../duration.ts';
import { steer, steeringCommand, workspaceId, type SteeringFlags } from '../steering.ts';

export function addUpgradeDefer(upgrade: Command): void {
  steeringCommand(upgrade, 'defer', 'defer ws-0fleet0007 4h --reason "its user asked for it"')
    .description('rebuild a WorkSpace not before so long, in the last wave')
    .argument('<workspace>', 'ws-…', workspaceId)
    .argument('<duration>', 'from now on: 30m, 4h or 1d; at most 30d', deferral)
    .action(async (workspace: string, duration: number, flags: SteeringFlags) => {
      const request = { workspaceId: workspace, minutes: duration };
      await steer(flags, deferUpdate, request, ({ answer }) => `Deferred ${workspace}: ${answer}`);
    });
}

const LONGEST = 30 * 24 * 60;

/** For commander: as the run takes it. */
function deferral(value: string): number {
  const minutes = parseMinutes(value);
  if (minutes >= 1 && minutes <= LONGEST) return minutes;
  throw new InvalidArgumentError('give a duration from 1m to 30d');
}
