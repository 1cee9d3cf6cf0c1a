/** Whether a copy is what its leg promises, by what AWS shows of it in its destination. */
import { capabilityOf, coldOf } from './backup-types.ts';
import { isUsable, vaultArn } from './custody.ts';
import type { Hop, Leg, Lifecycle, Obstacle, PointFacts } from './custody.ts';
import { DAY_MS, deleteAtOf, utcDay } from './retention-arithmetic.ts';

export interface CopyCheck {
  /** The original, read now. */
  readonly source: PointFacts;
  /** What the destination shows now; null: it is not there. */
  readonly copy: PointFacts | null;
  readonly leg: Pick<Leg, 'rule'>;
  readonly hop: Pick<Hop, 'to' | 'lifecycle' | 'copyArn' | 'adopted'>;
  /** What the original is about to get; null: it keeps what it has, or goes altogether. */
  readonly after: Lifecycle | null;
  readonly minRemainingDays: number;
  /** False: it may go before what it is copied from, as one that is brought back for a while. @default true */
  readonly mustOutlive?: boolean;
  /** AWS's time. */
  readonly now: string;
}

/** What it fails, a sentence each; empty: it is verified. */
export function verificationObstacles(check: CopyCheck): Obstacle[] {
  const { copy, hop } = check;
  const name = hop.copyArn ?? 'the copy';
  if (!copy) return [failed(`${name} is not in ${vaultArn(hop.to)}`, 'resume: another copy is made')];
  const findings = [...identityFindings(check, copy), ...keyFindings(check, copy), ...lifecycleFindings(check, copy)];
  return [
    ...findings.map((finding) => failed(`${name} ${finding}`, AGAIN)),
    ...dateFindings(check, deletionOf(copy), `${name} is`).map((finding) => failed(finding, LONGER)),
  ];
}

/** What would keep the copy from ever being verified, said before it is made. */
export const foreseenObstacles = (check: Omit<CopyCheck, 'copy'>): Obstacle[] =>
  dateFindings(check, promisedDeletion(check), `the copy of the leg ${check.leg.rule.name} would be`).map(
    (message): Obstacle => ({ code: 'expiresTooSoon', message, remedy: LONGER, statement: null }),
  );

const MINUTE_MS = 60_000;
const AGAIN = 'see in the destination what became of it, and resume: another copy is made';
const LONGER =
  'give the leg a lifecycle that keeps its copy longer, have the custody take the rule as it is then, and resume; or release the custody';

const failed = (message: string, remedy: string): Obstacle => ({
  code: 'verification',
  message,
  remedy,
  statement: null,
});

function identityFindings({ source, hop }: CopyCheck, copy: PointFacts): string[] {
  return [
    isUsable(copy.status) ? '' : `is ${copy.status}${copy.statusMessage === null ? '' : ` (${copy.statusMessage})`}`,
    copy.ref.arn === hop.copyArn && vaultArn(copy.ref) === vaultArn(hop.to)
      ? ''
      : `is not what was looked at, ${copy.ref.arn} in ${vaultArn(copy.ref)}`,
    copy.resourceArn === source.resourceArn && copy.resourceType === source.resourceType
      ? ''
      : `is of ${copy.resourceArn} (${copy.resourceType}), not of ${source.resourceArn} (${source.resourceType})`,
    // AWS gives a copy its source's.
    Math.abs(Date.parse(copy.createdAt) - Date.parse(source.createdAt)) < MINUTE_MS
      ? ''
      : `is a copy of another recovery point: it was created ${at(copy.createdAt)}, not ${at(source.createdAt)}`,
  ].filter(Boolean);
}

/** Encrypted as the original is, by a key of the place where it lies: it must outlive the source's account. */
function keyFindings({ source, hop }: CopyCheck, copy: PointFacts): string[] {
  const isAsked = source.isEncrypted || capabilityOf(source)?.fullyManaged.value === 'yes';
  if (isAsked && !copy.isEncrypted) return ['is not encrypted'];
  if (!copy.isEncrypted || copy.encryptionKeyArn === null) return [];
  const [, , , region, account] = copy.encryptionKeyArn.split(':');
  const { to } = hop;
  return region === to.region && account === to.account
    ? []
    : [`is encrypted with ${copy.encryptionKeyArn}, which is no key of ${to.account}/${to.region}`];
}

/** When it is deleted by what AWS shows; null: never. */
const deletionOf = ({ deleteAt, createdAt, lifecycle }: PointFacts): string | null =>
  deleteAt ?? deleteAtOf(createdAt, lifecycle);

const promisedDeletion = ({ source, hop }: Pick<CopyCheck, 'source' | 'hop'>): string | null =>
  deleteAtOf(source.createdAt, hop.lifecycle ?? source.lifecycle);

/** Whether it has the lifecycle that was asked for, counted from its source's creation. */
function lifecycleFindings(check: CopyCheck, copy: PointFacts): string[] {
  const { source, hop } = check;
  const promised = promisedDeletion(check);
  const shown = deletionOf(copy);
  const asked = coldDaysFor(source, hop.lifecycle ?? source.lifecycle);
  const has = coldDaysFor(source, copy.lifecycle);
  return [
    isSameDate(shown, promised) || (hop.adopted && isLater(shown, promised))
      ? ''
      : `is deleted ${at(shown)}, not ${at(promised)} as the leg asks`,
    asked === has ? '' : `moves to cold storage ${afterDays(has)}, not ${afterDays(asked)} as the leg asks`,
  ].filter(Boolean);
}

/** Compared only where the type is known to go there: elsewhere AWS ignores the setting, and may show it or not. */
const coldDaysFor = (point: PointFacts, lifecycle: Lifecycle): number | null =>
  coldOf(point, lifecycle) === 'yes' ? lifecycle.moveToColdStorageAfterDays : null;

/** AWS counts whole days, and may show the end of one. */
const isSameDate = (one: string | null, other: string | null): boolean =>
  one === null || other === null ? one === other : Math.abs(Date.parse(one) - Date.parse(other)) < DAY_MS;

/** What others made, or an earlier custody of the point, may be kept longer than is asked for now. */
const isLater = (shown: string | null, promised: string | null): boolean =>
  promised !== null && (shown === null || shown > promised);

/** Whether it is kept long enough. @param deletion null: for ever */
function dateFindings(check: Omit<CopyCheck, 'copy'>, deletion: string | null, subject: string): string[] {
  if (deletion === null) return [];
  const { source, after, minRemainingDays, mustOutlive = true, now } = check;
  const original = deletionOf(source);
  const changed = after === null ? null : deleteAtOf(source.createdAt, after);
  const earliest = new Date(Date.parse(now) + minRemainingDays * DAY_MS).toISOString();
  const gone = `${subject} deleted ${at(deletion)}`;
  return [
    mustOutlive && (original === null || utcDay(deletion) < utcDay(original))
      ? `${gone}, before the original (${at(original)})`
      : '',
    changed !== null && utcDay(deletion) <= utcDay(changed)
      ? `${gone}, not after the original with its new retention (${at(changed)})`
      : '',
    Date.parse(deletion) < Date.parse(earliest)
      ? `${gone}, less than ${minRemainingDays} days from now as minRemaining asks (${at(earliest)})`
      : '',
  ].filter(Boolean);
}

const at = (instant: string | null): string => (instant === null ? 'never' : `at ${instant}`);
const afterDays = (days: number | null): string => (days === null ? 'never' : `after ${days} days`);
