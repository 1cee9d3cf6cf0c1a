/** Where copies of policies lead: not in a circle, and not to where a rule would take them for points of its own. */
import { vaultArn } from './custody.ts';
import type { CustodyPolicy, CustodyRule, LegRule, VaultRef } from './custody.ts';
import type { Target } from './target.ts';

/** Stands for all vaults that no policy names. */
const ANY_OTHER = '*';

interface Step {
  readonly from: string;
  readonly to: string;
  /** The copy job leads out of one account into another: AWS surely tells then that its copy is one. */
  readonly isMarked: boolean;
  /** Which policy, rule and leg. */
  readonly by: string;
}

/** A sentence that names the way round and what to do; null: there is none. */
export function circleOf(policies: readonly CustodyPolicy[]): string | null {
  const steps = policies.flatMap((policy) => stepsOf(policy, vaultNames(policies)));
  const circle = steps.map((step) => wayBack(step, steps)).find((way) => way !== null);
  if (!circle) return null;
  const way = circle.map(({ from, to, by }) => `${from} → ${to} (${by})`).join(', then ');
  return (
    `copies would go round in a circle: ${way}. ` +
    'Copy into a vault that is no source: name one with `vault`, or say with `match.vaults` which vaults a rule is for'
  );
}

/**
 * A copy that counts as verified must stay as it is, so no rule may be for it. AWS does not tell who made a copy: a rule for
 * copies must not be for any vault to which legs lead. Nor does it surely tell of a copy within one account that it is one: no
 * rule may change what it takes for originals there. A sentence that names both and what to do; null: there is none.
 */
export function ownCopyTaken(policies: readonly CustodyPolicy[]): string | null {
  const names = vaultNames(policies);
  const steps = policies.flatMap((policy) => stepsOf(byTwoHops(policy), names));
  for (const policy of policies) {
    for (const rule of policy.rules) {
      const vaults = sourcesOf(policy, rule, names).map(textOf);
      const step = steps.find((each) => vaults.includes(each.to) && mayTake(rule, each));
      if (step) return taken(policy, rule, step);
    }
  }
  return null;
}

const mayTake = ({ match, then }: CustodyRule, { isMarked }: Step): boolean =>
  match.source !== 'original' || (then.kind !== 'keep' && !isMarked);

function taken({ name }: CustodyPolicy, { match, then, name: rule }: CustodyRule, { by, to }: Step): string {
  const copies = `the copies of ${by} go to ${to}, where rule ${rule} of ${name}`;
  if (match.source !== 'original') {
    return (
      `${copies} would take them (source: ${match.source}). ` +
      'Give that rule source: original, or with `match.vaults` vaults to which no leg leads'
    );
  }
  return (
    `${copies} could ${then.kind} them: of copies out of the same account AWS need not tell that they are no originals. ` +
    'Give that rule then: keep, or with `match.vaults` vaults to which no leg leads'
  );
}

/** Which route AWS allows depends on a point's type: each leg may have a copy in between. */
const byTwoHops = (policy: CustodyPolicy): CustodyPolicy => ({
  ...policy,
  rules: policy.rules.map((rule) => ({ ...rule, legs: rule.legs.map((leg) => ({ ...leg, route: 'twoHop' })) })),
});

function vaultNames(policies: readonly CustodyPolicy[]): readonly string[] {
  const rules = policies.flatMap((policy) => policy.rules);
  const named = rules.flatMap(({ match, legs }) => [...match.vaults, ...legs.map((leg) => leg.destination.vault)]);
  return [...new Set([...named.filter((name) => name !== null), ANY_OTHER])];
}

const stepsOf = (policy: CustodyPolicy, names: readonly string[]): Step[] =>
  policy.rules.flatMap((rule) =>
    sourcesOf(policy, rule, names).flatMap((source) =>
      rule.legs.flatMap((leg) =>
        placesOf(leg, source).map((place, index, places) => ({
          from: textOf(source),
          to: textOf(place),
          isMarked: (places[index - 1] ?? source).account !== place.account,
          by: `${policy.name}, rule ${rule.name}, leg ${leg.name}`,
        })),
      ),
    ),
  );

function sourcesOf({ sources }: CustodyPolicy, { match }: CustodyRule, names: readonly string[]): VaultRef[] {
  const allows = (list: readonly string[], value: string): boolean => list.length === 0 || list.includes(value);
  const vaults = match.vaults.length === 0 ? names : match.vaults;
  return sources
    .filter(({ account, region }) => allows(match.accounts, account) && allows(match.regions, region))
    .flatMap(({ account, region }) => vaults.map((vault) => ({ account, region, vault })));
}

/** Where copies come to lie, by the rule alone: which route AWS allows depends on the point's type. */
function placesOf({ destination, route }: LegRule, source: VaultRef): VaultRef[] {
  const { account, alternateRegion } = destination;
  const region =
    destination.region === source.region && alternateRegion !== null ? alternateRegion : destination.region;
  const vault = destination.vault ?? source.vault;
  const isTwoHops = route === 'twoHop' && account !== source.account && region !== source.region;
  const between: Target[] = isTwoHops ? [{ account, region: source.region }] : [];
  return [...between, { account, region }].map((target) => ({ ...target, vault }));
}

const textOf = (place: VaultRef): string =>
  place.vault === ANY_OTHER ? `any other vault of ${place.account}/${place.region}` : vaultArn(place);

/** The shortest way from the step's end to its beginning, with the step; null: there is none. */
function wayBack(step: Step, steps: readonly Step[]): Step[] | null {
  const seen = new Set([step.to]);
  let ways: Step[][] = [[step]];
  while (ways.length > 0) {
    const home = ways.find((way) => way.at(-1)?.to === step.from);
    if (home) return home;
    ways = ways.flatMap((way) =>
      steps
        .filter(({ from, to }) => from === way.at(-1)?.to && !seen.has(to) && Boolean(seen.add(to)))
        .map((next) => [...way, next]),
    );
  }
  return null;
}
