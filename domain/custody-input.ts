/** Whether a policy of custody can be used, whoever gives it. All that is wrong is told at once. */
import { contradictions } from './custody-contradictions.ts';
import { CUSTODY_DEFAULTS, type CustodyPolicy } from './custody.ts';
import { list, matches, oneOf, orNull, text, TRUE_OR_FALSE, whole, type Rule } from './field-rules.ts';
import {
  asFolder,
  fieldProblems,
  keyElsewhere,
  REPORT_RULES,
  tags,
  TARGET_RULES,
  topic,
  type NameOf,
} from './run-rules.ts';

const ACCOUNT = TARGET_RULES['target.account'] as Rule;
const REGION = TARGET_RULES['target.region'] as Rule;

const NAME = text('a name of 1 to 80 letters, digits and hyphens', /^[A-Za-z0-9][A-Za-z0-9-]{0,79}$/);
const VAULT = text('the name of a vault: 2 to 50 letters, digits, hyphens and underscores', /^[A-Za-z0-9_-]{2,50}$/);
/** As in IAM: with its path, without a slash in front. */
const ROLE = text(
  'the name of a role, with its path, such as service-role/AWSBackupDefaultServiceRole',
  /^(?!\/)[\w+=,.@/-]{1,512}$/,
);
const DAYS = whole(1, 36_500, 'days');

const some = (rule: Rule, what: string): Rule =>
  list({ allowed: `a list of at most 100 ${what}`, most: 100 }, rule.holds);

/** What a list of objects holds is judged one by one. */
const aList = (allowed: string, least: number, most: number): Rule => list({ allowed, least, most }, isObject);

const POLICY_RULES: Readonly<Record<string, Rule>> = {
  name: text('a name of 1 to 40 letters, digits and hyphens', /^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/),
  sources: aList('a list of 1 to 1000 accounts and Regions', 1, 1_000),
  rules: aList('a list of 1 to 100 rules', 1, 100),
  'evidence.target.account': ACCOUNT,
  'evidence.target.region': REGION,
  ...Object.fromEntries(
    Object.entries(REPORT_RULES).map(([field, rule]) => [field.replace('report.', 'evidence.place.'), rule]),
  ),
  backupRole: ROLE,
  operatorTopicArn: orNull(topic),
  'limits.perRegion': whole(1, 10_000, 'copies'),
  'limits.perVault': whole(1, 1_000, 'copies'),
  fullListingDays: whole(1, CUSTODY_DEFAULTS.fullListingDays, 'days'),
};

const RULE_RULES: Readonly<Record<string, Rule>> = {
  name: NAME,
  'match.accounts': some(ACCOUNT, 'account ids'),
  'match.regions': some(REGION, 'Regions'),
  'match.vaults': some(VAULT, 'names of vaults, each of 2 to 50 letters, digits, hyphens and underscores'),
  'match.resourceTypes': some(
    { allowed: '', holds: matches(/^[A-Za-z][A-Za-z0-9 ]{1,39}$/) },
    'resource types as AWS Backup calls them, such as EBS',
  ),
  'match.allOf': tags,
  'match.anyOf': tags,
  'match.noneOf': tags,
  'match.createdBy': oneOf(['onDemand', 'plan', 'any']),
  'match.source': oneOf(['original', 'copy', 'any']),
  legs: aList('a list of at most 10 copies', 0, 10),
  'then.kind': oneOf(['keep', 'shorten', 'delete']),
  minRemainingDays: whole(0, 36_500, 'days'),
  minSurvivors: whole(1, 10, 'copies'),
};
const SHORTEN_RULES = { ...RULE_RULES, 'then.days': DAYS };

const LEG_RULES: Readonly<Record<string, Rule>> = {
  kind: oneOf(['copy']),
  name: NAME,
  'destination.account': ACCOUNT,
  'destination.region': REGION,
  'destination.alternateRegion': orNull(REGION),
  'destination.vault': orNull(VAULT),
  'lifecycle.deleteAfterDays': orNull(DAYS),
  'lifecycle.moveToColdStorageAfterDays': orNull(whole(1, 36_410, 'days')),
  'lifecycle.optInToArchive': TRUE_OR_FALSE,
  route: oneOf(['direct', 'twoHop']),
  // Shorter, and AWS's own retries of two hours would make it overdue; longer, and the original may be gone by then.
  deadlineHours: whole(1, 2_160, 'hours'),
};

export type ParsedCustodyPolicy =
  { readonly ok: true; readonly input: CustodyPolicy } | { readonly ok: false; readonly problems: readonly string[] };

/**
 * @param raw a whole `CustodyPolicy`: what is missing is a problem, so that a custody does not change with the defaults.
 * @param nameOf what the giver calls a field in the problems. @default the field itself
 */
export function parseCustodyPolicy(raw: unknown, nameOf: NameOf = (field) => field): ParsedCustodyPolicy {
  const single = singleProblems(raw, nameOf);
  if (single.length > 0) return { ok: false, problems: single };
  const policy = raw as CustodyPolicy;
  const { target, place: report } = policy.evidence;
  const key = keyElsewhere({ target, report }, () => nameOf('evidence.place.kmsKeyArn'));
  const problems = [...(key === null ? [] : [key]), ...contradictions(policy, nameOf)];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, input: { ...policy, evidence: { target, place: asFolder(report) } } };
}

/** Of each field for itself. */
function singleProblems(raw: unknown, nameOf: NameOf): string[] {
  return [
    ...fieldProblems(raw, { rules: POLICY_RULES, nameOf }),
    ...each(raw, 'sources').flatMap((source, at) =>
      fieldProblems(source, { rules: { account: ACCOUNT, region: REGION }, nameOf: under(nameOf, `sources.${at}`) }),
    ),
    ...each(raw, 'rules').flatMap((rule, at) => ruleProblems(rule, under(nameOf, `rules.${at}`))),
  ];
}

function ruleProblems(rule: object, nameOf: NameOf): string[] {
  const { then } = rule as { readonly then?: { readonly kind?: unknown } };
  return [
    ...fieldProblems(rule, { rules: then?.kind === 'shorten' ? SHORTEN_RULES : RULE_RULES, nameOf }),
    ...each(rule, 'legs').flatMap((leg, at) =>
      fieldProblems(leg, { rules: LEG_RULES, nameOf: under(nameOf, `legs.${at}`), nullable: 'lifecycle' }),
    ),
  ];
}

const under =
  (nameOf: NameOf, path: string): NameOf =>
  (field) =>
    nameOf(`${path}.${field}`);

/** The objects of a list; none where it is no such list, which is told of the list itself. */
function each(raw: unknown, field: string): readonly object[] {
  const value = isObject(raw) ? (raw as Readonly<Record<string, unknown>>)[field] : undefined;
  return Array.isArray(value) && value.every(isObject) ? value : [];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
