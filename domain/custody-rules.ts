/** Which rule of a policy a recovery point falls under, or why no custody is for it. */
import { capabilityOf } from './backup-types.ts';
import { isUsable, vaultOfArn } from './custody.ts';
import type { CustodyOutcome, CustodyPolicy, CustodyRule, PointFacts, RuleMatch, VaultRef } from './custody.ts';
import { RUN_TAG } from './holdfast-tags.ts';
import { routeOf } from './custody-legs.ts';
import { tagsMatch } from './selection.ts';
import { targetName, type Target } from './target.ts';

type Tags = Readonly<Record<string, string>>;

export type Coverage =
  | { readonly kind: 'covered'; readonly rule: CustodyRule }
  | { readonly kind: 'ended'; readonly outcome: CustodyOutcome; readonly reason: string }
  /** AWS is still making it: it is judged when it is complete. */
  | { readonly kind: 'early'; readonly reason: string };

/** The first rule that matches, or why there is none. What no rule is for is not said to be unsupported, or unusable. */
export function coverageOf(policy: CustodyPolicy, facts: PointFacts, tags: Tags): Coverage {
  const elsewhere = ofAnother(facts, tags) ?? notThere(facts);
  if (elsewhere) return elsewhere;
  const rule = policy.rules.find(
    (each) => isSource(policy, facts.ref) && mismatches(each.match, facts, tags).length === 0,
  );
  if (rule) {
    return ownCopy(policy, facts) ?? unusable(facts) ?? unsupported(rule, facts) ?? { kind: 'covered', rule };
  }
  // Said of copies only now: a rule may ask for copies that others made.
  if (isCopy(facts)) return ended('belongsToAnother', `${aCopy(facts)}, and no rule is for copies like it`);
  return ended('notCovered', `no rule of the policy ${policy.name} is for it`);
}

const ended = (outcome: CustodyOutcome, reason: string): Coverage => ({ kind: 'ended', outcome, reason });

function ofAnother({ parentArn }: PointFacts, tags: Tags): Coverage | null {
  const run = tags[RUN_TAG];
  if (run !== undefined) return ended('belongsToAnother', `Holdfast made it, or what it is of: ${RUN_TAG} is ${run}`);
  return parentArn === null
    ? null
    : ended('belongsToAnother', `it is a part of ${parentArn}, and is copied with it if that is copied`);
}

/**
 * AWS does not tell who made a copy. One out of a vault whose points the policy looks after, or to which it copies, is
 * taken for its own: a custody of it could shorten what another one has verified.
 */
function ownCopy(policy: CustodyPolicy, facts: PointFacts): Coverage | null {
  const reason = ownCopyReason(policy, facts);
  return reason === null ? null : ended('belongsToAnother', reason);
}

function ownCopyReason(policy: CustodyPolicy, { sourceVaultArn }: PointFacts): string | null {
  const from = vaultOfArn(sourceVaultArn ?? '');
  if (!from) return null;
  const isOwn = isSource(policy, from) || policy.rules.some((rule) => leadsTo(policy, rule, from));
  return isOwn
    ? `it is a copy out of ${sourceVaultArn}, which the policy ${policy.name} looks after or copies to`
    : null;
}

/** Whether one of the rule's copies may lie in that vault: at its leg's end, or in between, in the Region of a source. */
const leadsTo = ({ sources }: CustodyPolicy, { match, legs }: CustodyRule, place: VaultRef): boolean =>
  legs.some(({ destination: { account, region, alternateRegion, vault } }) => {
    const regions = [region, alternateRegion, ...sources.map((source) => source.region)];
    const vaults = vault === null ? match.vaults : [vault];
    return account === place.account && regions.includes(place.region) && allows(vaults, place.vault);
  });

function notThere({ status }: PointFacts): Coverage | null {
  if (status === 'CREATING') return { kind: 'early', reason: 'AWS is still making it' };
  return status === 'DELETING' ? ended('gone', 'it is being deleted') : null;
}

function unusable({ isContinuous, status, statusMessage }: PointFacts): Coverage | null {
  if (isContinuous) {
    return ended('unsupported', 'it is a continuous recovery point: AWS copies none, and its retention is its plan’s');
  }
  if (isUsable(status)) return null;
  return ended('unusable', `its status is ${status}${statusMessage === null ? '' : ` (${statusMessage})`}`);
}

/** Null: AWS can make at least one of the copies that the rule wants, or it wants none. */
function unsupported(rule: CustodyRule, facts: PointFacts): Coverage | null {
  if (!capabilityOf(facts)) {
    return ended('unsupported', `Holdfast does not know what AWS Backup can do with the type ${facts.resourceType}`);
  }
  const reasons = rule.legs.map((leg) => routeOf(leg, facts).impossible);
  if (reasons.length === 0 || reasons.includes(null)) return null;
  return ended('unsupported', [...new Set(reasons)].join('; '));
}

export interface RuleReasons {
  readonly rule: string;
  /** Why it does not match, a sentence each; empty: it does. */
  readonly mismatches: readonly string[];
}

/** Of every rule, in order, why it is not for the point. */
export function matchReasons(policy: CustodyPolicy, facts: PointFacts, tags: Tags): RuleReasons[] {
  const own = ownCopyReason(policy, facts);
  const foreign = isSource(policy, facts.ref)
    ? []
    : [`${targetName(facts.ref)} is none of the policy’s sources (${policy.sources.map(targetName).join(', ')})`];
  return policy.rules.map(({ name, match }) => ({
    rule: name,
    mismatches: [
      ...foreign,
      ...mismatches(match, facts, tags),
      ...(own === null || match.source === 'original' ? [] : [own]),
    ],
  }));
}

const isSource = ({ sources }: CustodyPolicy, place: Target): boolean =>
  sources.some(({ account, region }) => account === place.account && region === place.region);

function mismatches(match: RuleMatch, facts: PointFacts, tags: Tags): string[] {
  const { account, region, vault } = facts.ref;
  return [
    notAmong('account', account, match.accounts),
    notAmong('Region', region, match.regions),
    notAmong('vault', vault, match.vaults),
    notAmong('resource type', facts.resourceType, match.resourceTypes),
    tagsMatch(match, tags) ? null : tagMismatch(match, tags),
    creatorMismatch(match, facts),
    originMismatch(match, facts),
  ].filter((reason) => reason !== null);
}

const allows = (list: readonly string[], value: string): boolean => list.length === 0 || list.includes(value);

const notAmong = (what: string, value: string, allowed: readonly string[]): string | null =>
  allows(allowed, value) ? null : `its ${what} is ${value}, not ${allowed.join(' or ')}`;

function tagMismatch({ allOf, anyOf, noneOf }: RuleMatch, tags: Tags): string {
  const text = ({ key, value }: RuleMatch['allOf'][number]): string => `${key}=${value}`;
  const carries = ({ key, value }: RuleMatch['allOf'][number]): boolean => tags[key] === value;
  const missing = allOf.find((tag) => !carries(tag));
  if (missing) return `it does not carry the tag ${text(missing)}`;
  const unwanted = noneOf.find(carries);
  return unwanted
    ? `it carries the tag ${text(unwanted)}`
    : `it carries none of the tags ${anyOf.map(text).join(', ')}`;
}

function creatorMismatch({ createdBy }: RuleMatch, { planId }: PointFacts): string | null {
  if (createdBy === 'onDemand' && planId !== null)
    return `the backup plan ${planId} made it, and the rule is for others`;
  return createdBy === 'plan' && planId === null ? 'no backup plan made it' : null;
}

/**
 * AWS names the vault that a copy is out of, but need not within one account; the snapshots of databases have the kind of
 * their job in their names. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RecoveryPointByBackupVault.html
 */
export const isCopy = ({ ref, sourceVaultArn }: Pick<PointFacts, 'ref' | 'sourceVaultArn'>): boolean =>
  sourceVaultArn !== null || ref.arn.includes(':awsbackup:copyjob-');

function originMismatch({ source }: RuleMatch, facts: PointFacts): string | null {
  if (source === 'original' && isCopy(facts)) return aCopy(facts);
  return source === 'copy' && !isCopy(facts) ? 'it is no copy' : null;
}

const aCopy = ({ sourceVaultArn }: PointFacts): string =>
  sourceVaultArn === null ? 'it is a copy, by its name' : `it is a copy out of ${sourceVaultArn}`;
