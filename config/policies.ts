/** `policies:` – each with its account, and judged by the rules of the run that it is for. */
import type { z } from 'zod';
import { parseBackupInput } from '../domain/backup-input.ts';
import { circleOf, ownCopyTaken } from '../domain/custody-circles.ts';
import { parseCustodyPolicy } from '../domain/custody-input.ts';
import { overlapOf } from '../domain/custody-overlap.ts';
import type { CustodyPolicy } from '../domain/custody.ts';
import type { ImageBackupInput } from '../domain/image-backup.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { Target } from '../domain/target.ts';
import { parseUpgradeInput } from '../domain/upgrade-input.ts';
import type { Account, Capability } from './config.ts';
import type { GivenCustody } from './custody.ts';
import { custodyInput, custodyPlace } from './custody-policy.ts';
import { BACKUP_PLACES, backupInput, type imageBackup } from './image-backup.ts';
import { selectionProblem, UPGRADE_PLACES, upgradeInput, type imageUpgrade } from './image-upgrade.ts';
import { judge } from './judge.ts';
import { targetOf, type Placed } from './places.ts';
import { isWithin, type Complain, type Path } from './problem.ts';

type Named<Value> = Readonly<Record<string, Value>>;

interface Resolving {
  readonly accounts: readonly Account[];
  readonly complain: Complain;
}

/** What has been told to be wrong is left out. */
export function backupPolicies(
  given: Named<z.infer<typeof imageBackup>>,
  resolving: Resolving,
): Named<ImageBackupInput> {
  return judgedPolicies('imageBackup', given, resolving, (policy, target, { name, ...where }) =>
    judge(backupInput(name, policy, target), parseBackupInput, { ...where, given: policy, places: BACKUP_PLACES }),
  );
}

export function upgradePolicies(
  given: Named<z.infer<typeof imageUpgrade>>,
  resolving: Resolving,
): Named<ImageUpgradeInput> {
  return judgedPolicies('imageUpgrade', given, resolving, (policy, target, { path, complain }) => {
    const message = selectionProblem(policy);
    if (message !== null) complain(path, { message });
    const judged = { given: policy, path, places: UPGRADE_PLACES, complain };
    return judge(upgradeInput(policy, target), parseUpgradeInput, judged);
  });
}

/** Each has accounts and Regions of its own. */
export function custodyPolicies(given: Named<GivenCustody>, { accounts, complain }: Resolving): Named<CustodyPolicy> {
  const policies = Object.entries(given).flatMap(([name, policy]): [string, CustodyPolicy][] => {
    const where = { path: ['policies', 'custody', name], complain: once(complain) };
    const judged = { given: policy, places: custodyPlace, ...where };
    const input = judge(custodyInput(name, policy, { accounts, ...where }), parseCustodyPolicy, judged);
    return input === null ? [] : [[name, input]];
  });
  // Of one alone it has been told.
  const all = policies.length > 1 ? policies.map(([, policy]) => policy) : [];
  const problem = circleOf(all) ?? ownCopyTaken(all) ?? overlapOf(all);
  if (problem !== null) complain(['policies', 'custody'], { message: problem });
  return Object.fromEntries(policies);
}

/** Whether a place is one of the file is told first: the rules of the domain say less of it. */
function once(complain: Complain): Complain {
  const told: Path[] = [];
  return (path, complaint) => {
    if (told.some((each) => isWithin(each, path) || isWithin(path, each))) return;
    told.push(path);
    complain(path, complaint);
  };
}

interface Where {
  readonly name: string;
  readonly path: Path;
  readonly complain: Complain;
}

function judgedPolicies<Given extends Placed, Input>(
  capability: Capability,
  given: Named<Given>,
  { accounts, complain }: Resolving,
  judgedAt: (policy: Given, target: Target, where: Where) => Input | null,
): Named<Input> {
  const inputs = Object.entries(given).flatMap(([name, policy]): [string, Input][] => {
    const path = ['policies', capability, name];
    const input = judgedAt(policy, targetOf(policy, accounts, path, complain), { name, path, complain });
    return input === null ? [] : [[name, input]];
  });
  return Object.fromEntries(inputs);
}
