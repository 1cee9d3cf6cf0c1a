/** A policy of custody as its domain has it: ids for names of accounts, numbers for durations, every default. */
import { routeOf } from '../domain/custody-legs.ts';
import { CUSTODY_DEFAULTS, type CustodyPolicy, type CustodyRule, type LegRule } from '../domain/custody.ts';
import type { Target } from '../domain/target.ts';
import { targetsOf } from './accounts.ts';
import type { Account } from './config.ts';
import type { GivenCustody, GivenLeg, GivenRule } from './custody.ts';
import { accountOf, requireRegion, targetOf } from './places.ts';
import { inUnit, reportOf, tagsOf } from './policy-fields.ts';
import type { Complain, Path } from './problem.ts';
import { A_TOPIC, isServed } from './watchdog.ts';

/** What has been told to be wrong is left out, anywhere. */
type Left<Value> = Value extends readonly (infer Item)[]
  ? readonly Left<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]?: Left<Value[Key]> }
    : Value;

export interface Placing {
  readonly accounts: readonly Account[];
  readonly path: Path;
  readonly complain: Complain;
}

const { limits: LIMITS } = CUSTODY_DEFAULTS;

/** To be judged by the domain's own rules. */
export function custodyInput(name: string, given: Left<GivenCustody>, placing: Placing): CustodyPolicy {
  const { accounts, path, complain } = placing;
  const rules = (given.rules ?? []).map((rule, index) => ruleOf(rule, within(placing, 'rules', index)));
  const sources = given.sources
    ? given.sources.flatMap((source, index) => sourcesOf(source, within(placing, 'sources', index)))
    : notCopiedTo(rules, accounts);
  judgeRoutes(rules, sources, placing);
  judgeTopic(given.operatorTopicArn, placing);
  const { perRegion, perVault } = given.copiesAtOnce ?? {};
  return {
    name,
    sources,
    rules,
    evidence: {
      target: targetOf(given.evidence ?? {}, accounts, [...path, 'evidence'], complain),
      place: reportOf(placeOf(given.evidence ?? {}), CUSTODY_DEFAULTS.evidencePrefix),
    },
    backupRole: given.backupRole ?? CUSTODY_DEFAULTS.backupRole,
    operatorTopicArn: given.operatorTopicArn ?? null,
    limits: { perRegion: perRegion ?? LIMITS.perRegion, perVault: perVault ?? LIMITS.perVault },
    fullListingDays: inUnit(given.fullListing, 'days', CUSTODY_DEFAULTS.fullListingDays),
  };
}

const within = (placing: Placing, ...at: Path): Placing => ({ ...placing, path: [...placing.path, ...at] });

const placeOf = ({ bucket, prefix, kmsKeyArn }: Left<GivenCustody['evidence']>): Parameters<typeof reportOf>[0] => ({
  ...(bucket === undefined ? {} : { bucket }),
  prefix,
  kmsKeyArn,
});

function sourcesOf(
  { account: called = '', regions }: Left<NonNullable<GivenCustody['sources']>[number]>,
  { accounts, path, complain }: Placing,
): Target[] {
  const account = accountOf(called, accounts, [...path, 'account'], complain);
  if (!account) return [];
  for (const [index, each] of (regions ?? []).entries()) {
    requireRegion(each, account, [...path, 'regions', index], complain);
  }
  return (regions ?? account.regions).map((region) => ({ account: account.id, region }));
}

/** What is copied to would otherwise be looked after as well, for nothing. */
function notCopiedTo(rules: readonly CustodyRule[], accounts: readonly Account[]): Target[] {
  const legs = rules.flatMap((rule) => rule.legs);
  return targetsOf(accounts)
    .map(({ account, region }) => ({ account, region }))
    .filter(({ account, region }) => !legs.some((leg) => isCopiedTo(leg, account, region)));
}

/** A hop may lie in any Region of the destination's account. */
const isCopiedTo = ({ destination, route }: LegRule, account: string, region: string): boolean =>
  destination.account === account &&
  (route === 'twoHop' || destination.region === region || destination.alternateRegion === region);

function ruleOf(given: Left<GivenRule>, placing: Placing): CustodyRule {
  const { match = {} } = given;
  return {
    name: given.name ?? '',
    match: {
      accounts: (match.accounts ?? []).map(
        (called, index) =>
          accountOf(called, placing.accounts, [...placing.path, 'match', 'accounts', index], placing.complain)?.id ??
          called,
      ),
      regions: match.regions ?? [],
      vaults: match.vaults ?? [],
      resourceTypes: match.resourceTypes ?? [],
      allOf: tagsOf((match.tags as Parameters<typeof tagsOf>[0]) ?? {}),
      anyOf: tagsOf((match.anyTags as Parameters<typeof tagsOf>[0]) ?? {}),
      noneOf: tagsOf((match.notTags as Parameters<typeof tagsOf>[0]) ?? {}),
      createdBy: match.createdBy ?? CUSTODY_DEFAULTS.createdBy,
      source: match.source ?? CUSTODY_DEFAULTS.source,
    },
    legs: (given.legs ?? []).map((leg, index) => legOf(leg, within(placing, 'legs', index))),
    then: thenOf(given.then),
    minRemainingDays: inUnit(given.minRemaining, 'days', CUSTODY_DEFAULTS.minRemainingDays),
    minSurvivors: given.minSurvivors ?? CUSTODY_DEFAULTS.minSurvivors,
  };
}

function thenOf(given: Left<GivenRule['then']>): CustodyRule['then'] {
  if (given === undefined || given === 'keep' || given === 'delete') return { kind: given ?? 'keep' };
  const days = given === 'shorten' ? undefined : given.shortenTo;
  return { kind: 'shorten', days: inUnit(days, 'days', CUSTODY_DEFAULTS.shortenDays) };
}

function legOf(given: Left<GivenLeg>, { accounts, path, complain }: Placing): LegRule {
  const { account, region } = targetOf(given, accounts, path, complain);
  const its = accounts.find(({ id }) => id === account);
  const { alternateRegion, lifecycle } = given;
  if (its && alternateRegion !== undefined) {
    requireRegion(alternateRegion, its, [...path, 'alternateRegion'], complain);
  }
  const days = lifecycle?.deleteAfterDays;
  return {
    kind: 'copy',
    name: given.name ?? `${its?.name ?? account}-${region}`,
    destination: {
      account,
      region,
      alternateRegion: alternateRegion ?? null,
      vault: given.vault ?? CUSTODY_DEFAULTS.vault,
    },
    lifecycle: lifecycle
      ? {
          deleteAfterDays: days === undefined || days === 'never' ? null : days,
          moveToColdStorageAfterDays: lifecycle.moveToColdStorageAfterDays ?? null,
          optInToArchive: lifecycle.optInToArchive ?? false,
        }
      : null,
    route: given.route ?? 'direct',
    deadlineHours: inUnit(given.deadline, 'hours', CUSTODY_DEFAULTS.deadlineHours),
  };
}

/** A worker writes to it with the clients that it has for its targets. */
function judgeTopic(topicArn: string | undefined, { accounts, path, complain }: Placing): void {
  if (topicArn === undefined || isServed(topicArn, targetsOf(accounts))) return;
  complain([...path, 'operatorTopicArn'], {
    message: `must be ${A_TOPIC}, got ${JSON.stringify(topicArn)}`,
    allowed: A_TOPIC,
  });
}

/** Of two hops, the second begins in the destination's account in the Region of the source: a worker works there too. */
function judgeRoutes(
  rules: readonly CustodyRule[],
  sources: readonly Target[],
  { accounts, path, complain }: Placing,
): void {
  for (const [index, { match, legs }] of rules.entries()) {
    const from = sources.filter(
      ({ account, region }) => takes(match.accounts, account) && takes(match.regions, region),
    );
    for (const [at, leg] of legs.entries()) {
      const account = accounts.find(({ id }) => id === leg.destination.account);
      if (!account) continue;
      const between = regionsBetween(leg, from, match.resourceTypes);
      const missing = [...between.keys()].filter((each) => !account.regions.includes(each));
      if (missing.length === 0) continue;
      const needs = `account ${account.name} needs ${missing.join(', ')} among its regions, where the recovery points are copied first`;
      const types = [...new Set(missing.flatMap((each) => [...(between.get(each) ?? [])]))].join(', ');
      complain([...path, 'rules', index, 'legs', at, 'route'], {
        message:
          leg.route === 'twoHop'
            ? `must be direct, or ${needs}; got twoHop`
            : `is direct, and AWS Backup copies ${types} into another account and Region in two hops only, as far as is known: ${needs}`,
      });
    }
  }
}

/** The Regions of the destination's account through which copies go, with the types that do. */
function regionsBetween(
  leg: LegRule,
  sources: readonly Target[],
  resourceTypes: readonly string[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const types = resourceTypes.length === 0 && leg.route === 'twoHop' ? [ANY_TYPE] : resourceTypes;
  const between = new Map<string, Set<string>>();
  for (const source of sources) {
    for (const resourceType of types) {
      const { places, impossible } = routeOf(leg, {
        ref: { ...source, vault: '', arn: '' },
        resourceType,
        resourceArn: '',
      });
      const [first] = places;
      if (!first || places.length < 2 || impossible !== null) continue;
      between.set(first.region, (between.get(first.region) ?? new Set()).add(resourceType));
    }
  }
  return between;
}

/** Which AWS Backup copies as the rule asks. */
const ANY_TYPE = 'any';

const takes = (list: readonly string[], value: string): boolean => list.length === 0 || list.includes(value);

/** Where the file has what the domain calls otherwise, part by part of a path. */
const PLACES: Readonly<Record<string, string>> = {
  'evidence.target.': 'evidence.',
  'evidence.place.': 'evidence.',
  'limits.': 'copiesAtOnce.',
  'match.allOf': 'match.tags',
  'match.anyOf': 'match.anyTags',
  'match.noneOf': 'match.notTags',
  'then.kind': 'then',
  'then.days': 'then.shortenTo',
  'destination.': '',
  deadlineHours: 'deadline',
  minRemainingDays: 'minRemaining',
  fullListingDays: 'fullListing',
};

export const custodyPlace = (field: string): string =>
  Object.entries(PLACES).reduce((place, [ours, theirs]) => place.replace(ours, theirs), field);
