/** The plan of a custody for people: which rule, every date, every check, and what it costs. */
import { COST_ASSUMPTIONS, type CopyCost } from '../domain/custody-cost.ts';
import type { PlannedLeg, PlannedOriginal, PlannedPoint } from '../domain/custody-plan.ts';
import type { CustodyPlan, PlannedGroup } from '../domain/custody-vault-plan.ts';
import { vaultArn, type Lifecycle } from '../domain/custody.ts';
import { PRICES } from '../domain/prices.ts';
import { targetName } from '../domain/target.ts';
import { minute, plural, table } from './text.ts';

export function pointPlanText(policy: string, plan: PlannedPoint): string {
  const { facts, cost, calls, asOf, legs } = plan;
  return [
    `Custody of ${facts.ref.arn} by policy ${policy}, as of ${minute(asOf)}`,
    `  ${facts.resourceType} ${facts.resourceArn}, ${sizeText(facts.sizeBytes)}`,
    `  in ${vaultArn(facts.ref)}, ${facts.status}, created ${minute(facts.createdAt)}, ${endText(facts.deleteAt)}`,
    'Rules',
    ...ruleLines(plan),
    ...legs.flatMap(legLines),
    ...originalLines(plan),
    ...(legs.length > 0 ? ['Cost', ...costLines(cost)] : []),
    ...(calls > 0 ? [`Calls of AWS Backup: ${calls}, when nothing goes wrong`] : []),
  ].join('\n');
}

function ruleLines({ verdict, reasons }: PlannedPoint): string[] {
  const judged = reasons.map(({ rule, mismatches }) =>
    mismatches.length === 0 ? `  ${rule}: matches` : `  ${rule}: does not match, as ${mismatches.join('; ')}`,
  );
  if (verdict.kind === 'covered') return judged;
  return [
    ...judged,
    verdict.kind === 'early' ? `  later: ${verdict.reason}` : `  ${verdict.outcome}: ${verdict.reason}`,
  ];
}

function legLines(leg: PlannedLeg): string[] {
  const { name, places, why, deadlineAt, lifecycle, coldAt, deleteAt, ignored, isChecked, obstacles } = leg;
  const checked = isChecked
    ? 'Its vaults, keys, policies and limits were looked at: nothing stands in the way'
    : 'not checked';
  return [
    `Copy ${name}: ${places.map(vaultArn).join(', then ')}`,
    `  route: ${why}`,
    `  verified by ${minute(deadlineAt)} if it begins now, or overdue`,
    `  kept ${lifecycleText(lifecycle)}: ${coldAt === null ? '' : `cold from ${minute(coldAt)}, `}${endText(deleteAt)}`,
    ...(ignored === null ? [] : [`  Note: ${ignored}`]),
    ...(obstacles.length === 0 ? [`  ${checked}`] : []),
    ...obstacles.flatMap(({ code, message, remedy, statement }) => [
      `  ✗ ${message} (${code})`,
      `    what to do: ${remedy}`,
      ...(statement === null ? [] : [`    the missing statement: ${statement}`]),
    ]),
  ];
}

const lifecycleText = ({ deleteAfterDays }: Lifecycle): string =>
  deleteAfterDays === null ? 'without an end' : `${plural(deleteAfterDays, 'day')} from the original’s creation`;

const endText = (deleteAt: string | null): string =>
  deleteAt === null ? 'never deleted' : `deleted ${minute(deleteAt)}`;

const ORIGINAL = { keep: 'is kept', shorten: 'is shortened', delete: 'is deleted' } as const;

function originalLines({ original, legs }: PlannedPoint): string[] {
  if (original === null) return ['Original: is not touched'];
  const { kind, deleteAtBefore, deleteAtAfter, why, gate } = original;
  const when = legs.length > 0 && kind !== 'keep' ? ' once all copies are verified' : '';
  const isShortEnough = kind === 'shorten' && deleteAtAfter === deleteAtBefore;
  return [
    `Original: ${isShortEnough ? 'stays as it is' : ORIGINAL[kind] + when}`,
    `  now: ${endText(deleteAtBefore)}`,
    ...(kind === 'shorten' && !isShortEnough ? [`  then, if that were now: ${endText(deleteAtAfter)}`] : []),
    `  ${why}`,
    ...(gate === null ? [] : gateLines(gate)),
  ];
}

function gateLines({ kind, why, remedy }: NonNullable<PlannedOriginal['gate']>): string[] {
  if (kind === 'open') return ['  Its lock, legal holds and resource were looked at: nothing else stands in the way'];
  if (kind === 'waiting') return [`  waits: ${why}`];
  return [`  ✗ ${why}`, `    what to do: ${remedy}`];
}

function costLines(cost: CopyCost | null): string[] {
  if (cost === null) return ['  not known: AWS shows no size, or Holdfast has no price for the type'];
  const { once, monthly, whole } = cost;
  const end = whole === null ? 'its copies are never deleted' : `${money(whole)} until its copies are deleted`;
  return [
    `  ${money(once)} once for the transfer, ${money(monthly)} in the first month, ${end}, by prices of ${PRICES.date}`,
    ...COST_ASSUMPTIONS.map((each) => `  (${each})`),
  ];
}

const money = (amount: number): string => `${amount.toFixed(amount > 0 && amount < 0.01 ? 4 : 2)} ${PRICES.currency}`;

const sizeText = (bytes: number | null): string => (bytes === null ? 'of unknown size' : gigabytes(bytes));
const gigabytes = (bytes: number): string => `${(bytes / 1_000_000_000).toFixed(bytes < 10_000_000_000 ? 2 : 0)} GB`;

export function vaultPlanText(policy: string, plan: Extract<CustodyPlan, { kind: 'vault' }>): string {
  const { vault, groups, first, asOf } = plan;
  const total = groups.reduce((sum, { points }) => sum + points, 0);
  const named = `${vault.vault} of ${targetName(vault)}`;
  if (total === 0) return `The vault ${named} has no recovery points, as of ${minute(asOf)}`;
  const byTags = groups.some(({ kind }) => kind === 'byTags');
  return [
    `Custody of the vault ${named} by policy ${policy}, as of ${minute(asOf)}: ${plural(total, 'recovery point')}`,
    '',
    table(['what', 'rule', 'type', 'points', 'size', 'copies, a month'], groups.toSorted(byPlace).map(groupCells)),
    '',
    ...(byTags
      ? ['Where tags decide they were not read: a list does not show them, and each point takes a call more.']
      : []),
    `Prices of ${PRICES.date}: ${COST_ASSUMPTIONS.join('; ')}.`,
    ...(first.length > 0 ? ['', `The first ${first.length}`, firstTable(first)] : []),
  ].join('\n');
}

const WHAT = { covered: 'covered', byTags: 'tags decide', early: 'later', ended: '' } as const;
const ORDER: readonly PlannedGroup['kind'][] = ['covered', 'byTags', 'early', 'ended'];

const byPlace = (a: PlannedGroup, b: PlannedGroup): number =>
  ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || b.points - a.points;

const groupCells = ({ kind, rule, outcome, resourceType, points, bytes, monthly }: PlannedGroup): string[] => [
  outcome ?? WHAT[kind],
  rule,
  resourceType,
  String(points),
  gigabytes(bytes),
  kind !== 'covered' ? '–' : monthly === null ? 'not known' : money(monthly),
];

const firstTable = (first: readonly PlannedPoint[]): string =>
  table(
    ['recovery point', 'type', 'created', 'rule or outcome', 'copies kept until', 'original until'],
    first.map(({ facts, verdict, legs, original }) => [
      facts.ref.arn,
      facts.resourceType,
      facts.createdAt.slice(0, 10),
      verdict.kind === 'covered' ? verdict.rule.name : verdict.kind === 'early' ? 'later' : verdict.outcome,
      legs.map(({ name, deleteAt }) => `${name} ${dayText(deleteAt)}`).join(', ') || '–',
      original?.kind === 'delete' ? 'deleted' : dayText(original === null ? facts.deleteAt : original.deleteAtAfter),
    ]),
  );

const dayText = (iso: string | null): string => (iso === null ? 'for ever' : iso.slice(0, 10));
