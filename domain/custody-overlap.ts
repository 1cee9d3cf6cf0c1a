/** For which recovery points the rules of a policy may be, by where they lie: those of two policies must lie apart. */
import type { CustodyPolicy, CustodyRule, VaultRef } from './custody.ts';
import { targetName, type Target } from './target.ts';

const takes = (list: readonly string[], value: string): boolean => list.length === 0 || list.includes(value);

const rulesIn = ({ rules }: CustodyPolicy, { account, region }: Target): CustodyRule[] =>
  rules.filter(({ match }) => takes(match.accounts, account) && takes(match.regions, region));

/** Whether one of the rules may be for points of that vault. Others are another policy's, or nobody's. */
export const isPlaceOf = (policy: CustodyPolicy, place: VaultRef): boolean =>
  policy.sources.some((source) => targetName(source) === targetName(place)) &&
  rulesIn(policy, place).some(({ match }) => takes(match.vaults, place.vault));

/**
 * Of two policies for the same points each would have them begun again, as the other one sees no rule for them. A sentence
 * that names both and what to do; null: they lie apart.
 */
export function overlapOf(policies: readonly CustodyPolicy[]): string | null {
  for (const [index, one] of policies.entries()) {
    for (const other of policies.slice(index + 1)) {
      const problem = overlapOfTwo(one, other);
      if (problem !== null) return problem;
    }
  }
  return null;
}

function overlapOfTwo(one: CustodyPolicy, other: CustodyPolicy): string | null {
  const theirs = new Set(other.sources.map(targetName));
  for (const source of one.sources.filter((each) => theirs.has(targetName(each)))) {
    for (const rule of rulesIn(one, source)) {
      const second = rulesIn(other, source).find((each) => shareVaults(rule, each));
      if (!second) continue;
      return (
        `${one.name} (rule ${rule.name}) and ${other.name} (rule ${second.name}) are for recovery points of the same ` +
        `vaults in ${targetName(source)}, of which each point has one custody. Put their rules into one policy, or give ` +
        'them other `sources`, or with `match.vaults` other vaults'
      );
    }
  }
  return null;
}

const shareVaults = ({ match: one }: CustodyRule, { match: other }: CustodyRule): boolean =>
  one.vaults.length === 0 || other.vaults.length === 0 || one.vaults.some((vault) => other.vaults.includes(vault));
