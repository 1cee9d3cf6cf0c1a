/** What must hold of the fields of a policy of custody together. */
import { circleOf, ownCopyTaken } from './custody-circles.ts';
import type { CustodyPolicy, CustodyRule, LegRule } from './custody.ts';
import { coversAllOf } from './rule-cover.ts';
import type { NameOf } from './run-rules.ts';
import { targetName, type Target } from './target.ts';

/** @param policy whose fields are right, each for itself */
export const contradictions = (policy: CustodyPolicy, nameOf: NameOf): string[] => [
  ...twiceProblems(policy.rules, (index) => nameOf(`rules.${index}.name`)),
  ...sourceProblems(policy, nameOf),
  ...circleProblems(policy, nameOf),
  ...policy.rules.flatMap((rule, index) => {
    const named: NameOf = (field) => nameOf(field === '' ? `rules.${index}` : `rules.${index}.${field}`);
    return [
      ...neverProblems(policy, index, named),
      ...thenProblems(rule, sourcesOf(rule, policy), named),
      ...twiceProblems(rule.legs, (at) => named(`legs.${at}.name`)),
      ...rule.legs.flatMap((leg, at) => legProblems(leg, rule, (field) => named(`legs.${at}.${field}`))),
    ];
  }),
];

function twiceProblems(named: readonly { readonly name: string }[], nameOf: (index: number) => string): string[] {
  return named.flatMap(({ name }, index) =>
    named.findIndex((each) => each.name === name) < index
      ? `${nameOf(index)} is given twice: ${name}; each needs a name of its own`
      : [],
  );
}

function sourceProblems({ sources }: CustodyPolicy, nameOf: NameOf): string[] {
  return sources.flatMap((source, index) =>
    sources.findIndex((each) => targetName(each) === targetName(source)) < index
      ? `${nameOf(`sources.${index}`)} is given twice: ${targetName(source)}; give it once`
      : [],
  );
}

function circleProblems(policy: CustodyPolicy, nameOf: NameOf): string[] {
  const problem = circleOf([policy]) ?? ownCopyTaken([policy]);
  return problem === null ? [] : [`${nameOf('rules')}: ${problem}`];
}

/** Of the sources, those that a rule is for. */
const sourcesOf = ({ match }: CustodyRule, { sources }: CustodyPolicy): Target[] =>
  sources.filter(({ account, region }) => takes(match.accounts, account) && takes(match.regions, region));

const takes = (list: readonly string[], value: string): boolean => list.length === 0 || list.includes(value);

/** A rule that never matches is one that was meant otherwise. */
function neverProblems(policy: CustodyPolicy, index: number, nameOf: NameOf): string[] {
  const rule = policy.rules[index] as CustodyRule;
  const { match } = rule;
  if (sourcesOf(rule, policy).length === 0) {
    const field = match.accounts.length > 0 ? 'match.accounts' : 'match.regions';
    return [`${nameOf(field)} never matches: the sources are ${policy.sources.map(targetName).join(', ')}`];
  }
  const earlier = policy.rules.slice(0, index).find((each) => coversAllOf(each.match, match, policy.sources));
  if (earlier)
    return [`${nameOf('match')} never matches: rule ${earlier.name} before it takes all of these; change their order`];
  const key = match.allOf.find((tag) => match.noneOf.some((each) => each.key === tag.key && each.value === tag.value));
  return key ? [`${nameOf('match.noneOf')} never matches: ${key.key}=${key.value} is asked for too`] : [];
}

function thenProblems({ then, legs, minSurvivors }: CustodyRule, sources: readonly Target[], nameOf: NameOf): string[] {
  if (then.kind === 'keep') return [];
  if (legs.length === 0) {
    return [`${nameOf('then.kind')} needs a copy: give legs, or keep; nothing else would be left of a recovery point`];
  }
  if (then.kind === 'shorten') return [];
  if (minSurvivors < 2) return [`${nameOf('minSurvivors')} must be at least 2 for delete, got ${minSurvivors}`];
  const fewest = Math.min(...sources.map(({ region }) => vaultsOf(legs, region).size));
  if (fewest >= minSurvivors) return [];
  return [
    `${nameOf('then.kind')} needs copies in ${minSurvivors} vaults: the legs lead to ${fewest}; add legs to other vaults, or keep`,
  ];
}

/** The vaults to which the legs of a recovery point lead. */
const vaultsOf = (legs: readonly LegRule[], region: string): ReadonlySet<string> =>
  new Set(
    legs.map(({ destination }) => {
      const isThere = destination.region === region && destination.alternateRegion !== null;
      const to = isThere ? destination.alternateRegion : destination.region;
      return `${destination.account}/${to}/${destination.vault ?? ''}`;
    }),
  );

const COLD_DAYS = 90;

function legProblems({ destination, lifecycle }: LegRule, rule: CustodyRule, nameOf: NameOf): string[] {
  const problems: string[] = [];
  if (destination.alternateRegion === destination.region) {
    problems.push(
      `${nameOf('destination.alternateRegion')} must be another Region than region, got ${destination.region}`,
    );
  }
  if (lifecycle === null) return problems;
  const { deleteAfterDays, moveToColdStorageAfterDays: cold, optInToArchive } = lifecycle;
  if (optInToArchive && cold === null) {
    problems.push(
      `${nameOf('lifecycle.optInToArchive')} needs moveToColdStorageAfterDays: give that too, or leave this out`,
    );
  }
  if (deleteAfterDays === null) return problems;
  const name = nameOf('lifecycle.deleteAfterDays');
  if (cold !== null && deleteAfterDays < cold + COLD_DAYS) {
    problems.push(
      `${name} must be at least ${cold + COLD_DAYS}, ${COLD_DAYS} days after moveToColdStorageAfterDays, got ${deleteAfterDays}`,
    );
  }
  const outlives = leastDays(rule);
  if (deleteAfterDays < outlives.days) {
    problems.push(`${name} must be at least ${outlives.days}, got ${deleteAfterDays}: ${outlives.why}`);
  }
  return problems;
}

/** A copy that is kept no longer would never be verified. */
function leastDays({ then, minRemainingDays }: CustodyRule): { readonly days: number; readonly why: string } {
  const remaining = { days: minRemainingDays + 1, why: 'a copy must have minRemaining before it when it is verified' };
  if (then.kind !== 'shorten') return remaining;
  // The original is kept for at least one day more than asked for, and the copy must be kept longer.
  const shortened = {
    days: then.days + 2,
    why: `the original would be kept for ${then.days + 1} days, and the copy must outlive it`,
  };
  return shortened.days > remaining.days ? shortened : remaining;
}
