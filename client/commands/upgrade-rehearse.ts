/** `holdfast upgrade rehearse`: the upgrade on a copy of the real fleet, at speed. Changes nothing. */
import { Option, type Command } from 'commander';
import type { ImageUpgradeInput } from '../../domain/image-upgrade.ts';
import type { SavedPlan } from '../../domain/upgrade-plan.ts';
import { CommandError } from '../exit.ts';
import { positive, wholeNumber } from '../number-flag.ts';
import { printJson, progress, say } from '../output.ts';
import { planSummaryText } from '../plan-text.ts';
import { parseFaults, type Faults } from '../rehearsal-faults.ts';
import { readRealFleet, type RealFleet } from '../rehearsal-fleet.ts';
import { readPlan, refuseIfChanged } from '../saved-plan.ts';
import { withTemporal } from '../temporal.ts';
import { addUpgradeFlags, type UpgradeFlags } from '../upgrade-flags.ts';
import { upgradeInput } from '../upgrade-input.ts';
import { overPolicy } from '../upgrade-policy.ts';
import { requireWorker } from '../workers.ts';
import { refuseOtherFlags } from './upgrade-start.ts';

interface Flags extends UpgradeFlags {
  /** A file. */
  readonly plan?: string;
  readonly faults?: Faults;
  readonly speed?: number;
  readonly seed: number;
  readonly json?: boolean;
}

export function addUpgradeRehearse(upgrade: Command): void {
  addUpgradeFlags(upgrade.command('rehearse'))
    .description('run the upgrade on a copy of the real fleet, at speed, and show how it would end; changes nothing')
    .option('--plan <file>', 'rehearse this plan, which `upgrade plan --save` wrote')
    .addOption(
      new Option(
        '--faults <shares>',
        'what goes wrong, such as throttle=20%,lost=2%,fail=1%,stuck=1%: calls and replies, rebuilds and migrations',
      ).argParser(parseFaults),
    )
    .addOption(
      new Option('--speed <n>', 'virtual seconds in a real one; without: by the size of the fleet').argParser(
        positive(100_000),
      ),
    )
    .addOption(
      new Option('--seed <n>', 'other rebuild times, other faults').argParser(wholeNumber(0, 2 ** 31)).default(1),
    )
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags, command: Command) => {
      const saved = flags.plan === undefined ? null : readPlan(flags.plan);
      if (saved) refuseOtherFlags(command, BESIDE_PLAN);
      await rehearse({ input: saved?.input ?? upgradeInput(flags, await overPolicy(flags, command)), saved }, flags);
    });
}

const BESIDE_PLAN = ['plan', 'faults', 'speed', 'seed', 'json'];

const EXAMPLE = `
Example:
  holdfast upgrade rehearse --account 111122223333 --region eu-central-1 --bundle wsb-0fleet0001 \\
    --image wsi-0fleet0002 --tag Env=Prod --report-bucket holdfast-reports --faults throttle=20%,lost=2%
  holdfast upgrade rehearse --plan monday.json

Ends with 0 when every WorkSpace would be upgraded, 3 when some would not, 1 when the upgrade would be refused.`;

interface Wanted {
  readonly input: ImageUpgradeInput;
  readonly saved: SavedPlan | null;
}

async function rehearse({ input, saved }: Wanted, flags: Flags): Promise<void> {
  progress('Reading the fleet; nothing is changed');
  const fleet = await withTemporal(async ({ client }) => {
    await requireWorker(client, input.target);
    return await readRealFleet(client, input);
  });
  const { plan, rows } = fleet;
  if (plan.problems.length > 0) {
    if (flags.json) printJson({ plan });
    else say(planSummaryText(input, plan));
    throw new CommandError('failed', 'this upgrade would be refused: see the problems');
  }
  if (saved) refuseIfChanged(saved, { summary: plan, rows });
  if (fleet.workspaces.length === 0) {
    if (flags.json) printJson({ plan });
    say('there is no WorkSpace to upgrade: nothing was rehearsed');
    return;
  }
  // A worker and the sandbox take a second to load, and other commands need neither.
  const { showRehearsal, speedFor } = await import('../rehearsal.ts');
  const { faults = {}, speed = speedFor(plan), seed, json = false } = flags;
  await showRehearsal({ input: onCopy(input, fleet), fleet, faults, speed, seed }, json);
}

/** Without what a copy cannot have: approval by a person, things to remove, directories and ids of nobody who is selected. */
function onCopy(input: ImageUpgradeInput, { workspaces }: RealFleet): ImageUpgradeInput {
  const known = new Set(workspaces.flatMap(({ workspaceId, directoryId }) => [workspaceId, directoryId]));
  const { selection, approval } = input;
  const workspaceIds = selection.workspaceIds.filter((id) => known.has(id));
  const directoryIds = selection.directoryIds.filter((id) => known.has(id));
  return {
    ...input,
    // Somebody is selected: neither list that was given is empty by that.
    selection: { ...selection, workspaceIds, directoryIds },
    approval: { ...approval, required: false, planHash: null },
    afterwards: { deleteScheduleId: null, deleteStackName: null },
  };
}
