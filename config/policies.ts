/** `policies:` – each with its account, and judged by the rules of the run that it is for. */
import type { z } from 'zod';
import { parseBackupInput } from '../domain/backup-input.ts';
import type { ImageBackupInput } from '../domain/image-backup.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { Target } from '../domain/target.ts';
import { parseUpgradeInput } from '../domain/upgrade-input.ts';
import type { Account, Capability } from './config.ts';
import { BACKUP_PLACES, backupInput, type imageBackup } from './image-backup.ts';
import { selectionProblem, UPGRADE_PLACES, upgradeInput, type imageUpgrade } from './image-upgrade.ts';
import { judge } from './judge.ts';
import { knownText } from './nearest.ts';
import type { Complain, Path } from './problem.ts';

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

interface Placed {
  readonly account?: string;
  readonly region?: string;
}

/** The account and Region that a policy names; of what is wrong, what it says itself. */
function targetOf(
  { account: named = '', region = '' }: Placed,
  accounts: readonly Account[],
  path: Path,
  complain: Complain,
): Target {
  const account = accounts.find(({ name, id }) => name === named || id === named);
  if (!account) {
    const known = accounts.map(({ name }) => name);
    complain([...path, 'account'], {
      message: `is none of the accounts: ${JSON.stringify(named)}; ${knownText(named, known)}`,
      allowed: known.join(', '),
    });
  } else if (!account.regions.includes(region)) {
    complain([...path, 'region'], {
      message: `is no Region of account ${account.name}: ${JSON.stringify(region)}; ${knownText(region, account.regions)}`,
      allowed: account.regions.join(', '),
    });
  }
  return { account: account?.id ?? named, region };
}
