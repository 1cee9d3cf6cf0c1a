/** `holdfast upgrade approve`: lets a run go on that was started with `--require-approval`. */
import { InvalidArgumentError, type Command } from 'commander';
import { approveUpdate } from '../../workflows/image-upgrade.messages.ts';
import { steer, steeringCommand, type SteeringFlags } from '../steering.ts';

export function addUpgradeApprove(upgrade: Command): void {
  steeringCommand(
    upgrade,
    'approve',
    'approve 0f9c1e5b62d8a7430f9c1e5b62d8a7430f9c1e5b62d8a7430f9c1e5b62d8a743 --reason CHG-1234',
  )
    .description('let the plan with this hash run, of an upgrade that waits for approval')
    .argument('<hash>', 'the hash of the plan that was looked at; `holdfast upgrade status` shows it', planHash)
    .action(async (hash: string, flags: SteeringFlags) => {
      await steer(flags, approveUpdate, { hash }, ({ answer }) => `Approved: ${answer}`);
    });
}

/** For commander. */
function planHash(value: string): string {
  if (/^[0-9a-f]{64}$/.test(value)) return value;
  throw new InvalidArgumentError('give the hash of a plan: 64 digits or letters from a to f');
}
