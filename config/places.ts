/** The accounts and Regions that other parts of the file name. */
import type { Target } from '../domain/target.ts';
import type { Account } from './config.ts';
import { knownText } from './nearest.ts';
import type { Complain, Path } from './problem.ts';

export interface Placed {
  readonly account?: string;
  readonly region?: string;
}

/** The account and Region that something names; of what is wrong, what it says itself. */
export function targetOf(
  { account: called = '', region = '' }: Placed,
  accounts: readonly Account[],
  path: Path,
  complain: Complain,
): Target {
  const account = accountOf(called, accounts, [...path, 'account'], complain);
  if (account) requireRegion(region, account, [...path, 'region'], complain);
  return { account: account?.id ?? called, region };
}

/** By its name or id; undefined: there is none, which has been told. */
export function accountOf(
  called: string,
  accounts: readonly Account[],
  path: Path,
  complain: Complain,
): Account | undefined {
  const account = accounts.find(({ name, id }) => name === called || id === called);
  if (account) return account;
  const known = accounts.map(({ name }) => name);
  complain(path, {
    message: `is none of the accounts: ${JSON.stringify(called)}; ${knownText(called, known)}`,
    allowed: known.join(', '),
  });
  return undefined;
}

export function requireRegion(region: string, { name, regions }: Account, path: Path, complain: Complain): void {
  if (regions.includes(region)) return;
  complain(path, {
    message: `is no Region of account ${name}: ${JSON.stringify(region)}; ${knownText(region, regions)}`,
    allowed: regions.join(', '),
  });
}
