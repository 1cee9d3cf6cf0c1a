/** The last look before the original is changed: may it be? Nothing is shortened or deleted that did not pass here. */
import { verificationObstacles } from './copy-verification.ts';
import type { VaultLock } from './copy-route.ts';
import { isUsable, vaultArn } from './custody.ts';
import type { CustodyState, Leg, Lifecycle, Obstacle, OriginalChange, PointFacts, PointRef, Then } from './custody.ts';
import { serves, wantedLegs } from './custody-legs.ts';
import { together } from './custody-obstacles.ts';
import { shortenedLifecycle } from './retention-arithmetic.ts';

export { heldBy, type HoldSelection } from './legal-holds.ts';

export interface GateLook {
  readonly state: CustodyState;
  /** As they are now, read for this look; null: AWS does not show it. */
  readonly source: PointFacts | null;
  /** Those of `survivorsOf`, in any order. */
  readonly survivors: readonly (PointFacts | null)[];
  /** Of the source's vault; null: it has none. */
  readonly lock: VaultLock | null;
  /** Those that hold the source: `heldBy`. */
  readonly legalHolds: readonly { readonly id: string; readonly title: string }[];
  /** Of an EBS snapshot, or of one of an EC2 image's, as DescribeLockedSnapshots shows it; null: it has none. */
  readonly snapshotLock: {
    readonly snapshotId: string;
    readonly state: string;
    readonly expiresAt: string | null;
  } | null;
  /** Copies of a composite point that hold fewer nested points than it does: not all of them were copied, or some have gone. */
  readonly incomplete: readonly { readonly arn: string; readonly nested: number; readonly of: number }[];
  /** Whether its vault has a newer completed point of the same resource. */
  readonly newer: boolean;
  /** AWS's time. */
  readonly now: string;
}

export type GateVerdict =
  | { readonly kind: 'open'; readonly change: OriginalChange }
  /** It opens by itself. */
  | { readonly kind: 'waiting'; readonly why: string }
  | { readonly kind: 'blocked'; readonly obstacle: Obstacle }
  /** The original stays as it is. */
  | { readonly kind: 'nothing'; readonly why: string }
  | { readonly kind: 'gone' };

const LOOK_HOLDS_MS = 5 * 60_000;

/** For how long a look of that age still holds, in milliseconds. */
export const holdsFor = (ageMs: number): number => Math.max(0, LOOK_HOLDS_MS - ageMs);

/**
 * Whether what a look of that age found is followed. Something is done to the original only as long as the look holds;
 * whatever leaves it alone is as right later, and that it has gone takes longer to be sure of than any look holds.
 */
export const isFollowed = (found: GateVerdict['kind'] | 'done', ageMs: number): boolean =>
  found !== 'open' || holdsFor(ageMs) > 0;

export function gateOf(look: GateLook): GateVerdict {
  const { state, source, now } = look;
  const then = state.rule?.then ?? { kind: 'keep' };
  if (!source || source.status === 'DELETING') return { kind: 'gone' };
  if (then.kind === 'keep') return { kind: 'nothing', why: 'its rule keeps the original as it is' };
  const wanted = wantedChange(then, source, now);
  const unfit = pointObstacle(then, source) ?? legsObstacle(look, source, wanted.after);
  if (unfit) return { kind: 'blocked', obstacle: unfit };
  if (wanted.kind === 'nothing') return { kind: 'nothing', why: wanted.why };
  const held = survivorObstacle(look, source) ?? lockObstacle(look, source) ?? holdObstacle(look, source);
  if (held) return { kind: 'blocked', obstacle: held };
  if (then.kind === 'delete' && !look.newer) {
    const why = `it is the newest completed recovery point of ${source.resourceArn} in its vault, and is deleted when a newer one is there`;
    return { kind: 'waiting', why };
  }
  return { kind: 'open', change: changeOf(look, source, wanted) };
}

interface Wanted {
  readonly kind: 'shorten' | 'delete' | 'nothing';
  readonly after: Lifecycle | null;
  readonly why: string;
}

function wantedChange(then: Exclude<Then, { kind: 'keep' }>, facts: PointFacts, now: string): Wanted {
  if (then.kind === 'delete') return { kind: 'delete', after: null, why: 'its rule deletes the original' };
  const shortening = shortenedLifecycle({ facts, days: then.days, now });
  return shortening.kind === 'nothing'
    ? { kind: 'nothing', after: null, why: shortening.why }
    : { kind: 'shorten', after: shortening.lifecycle, why: shortening.why };
}

const changeOf = ({ survivors, now }: GateLook, source: PointFacts, { kind, after, why }: Wanted): OriginalChange => ({
  kind: kind === 'delete' ? 'delete' : 'shorten',
  before: source.lifecycle,
  after,
  why,
  decidedAt: now,
  gate: [source, ...survivors.filter((each) => each !== null)],
  askedAt: null,
  doneAt: null,
  readBack: null,
});

const obstacle = (code: Obstacle['code'], message: string, remedy: string): Obstacle => ({
  code,
  message,
  remedy,
  statement: null,
});

function pointObstacle(then: Then, { ref, status, statusMessage, isContinuous }: PointFacts): Obstacle | null {
  if (isContinuous) {
    const message = `${ref.arn} is continuous: Holdfast never changes such a one`;
    return obstacle('continuous', message, 'change its backup plan instead, and release the custody');
  }
  // A deletion that AWS could not carry out leaves it EXPIRED, and is asked for again.
  if (isUsable(status) || (then.kind === 'delete' && status === 'EXPIRED')) return null;
  const message = `${ref.arn} is ${status}${statusMessage === null ? '' : ` (${statusMessage})`}, neither COMPLETED nor AVAILABLE`;
  return obstacle('unknown', message, 'see in AWS Backup what became of it, then resume or release the custody');
}

/** Every leg of the rule has its copy where it belongs, as it was read for this look. */
function legsObstacle(look: GateLook, source: PointFacts, after: Lifecycle | null): Obstacle | null {
  const { rule, legs } = look.state;
  const wanted = rule?.legs ?? [];
  if (wanted.length === 0) {
    return obstacle(
      'verification',
      'no leg of the rule keeps a copy of it',
      'give the rule a leg, or let it keep the original',
    );
  }
  const held = wantedLegs(legs);
  // By what they do: a rule that was changed meanwhile may call them otherwise, or ask for other copies.
  const missing = wanted.filter((leg) => !held.some((each) => serves(each, leg, source)));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    return obstacle(
      'verification',
      `no copy is known that is what the legs ${names} of its rule ask for`,
      'have the custody take the rule as it is, which makes them, or release it',
    );
  }
  return together(held.flatMap((leg) => legObstacles(look, source, leg, after))) ?? null;
}

/** The legs whose copies are not, or not any more, what they are to be. */
export function failedLegs(look: GateLook): Leg[] {
  const { source, state, now } = look;
  const then = state.rule?.then ?? { kind: 'keep' };
  if (!source || then.kind === 'keep') return [];
  const { after } = wantedChange(then, source, now);
  return wantedLegs(state.legs).filter((leg) => legObstacles(look, source, leg, after).length > 0);
}

function legObstacles(look: GateLook, source: PointFacts, leg: Leg, after: Lifecycle | null): Obstacle[] {
  const hop = leg.hops.at(-1);
  if (!hop || leg.hops.some(({ step }) => step !== 'verified')) {
    return [obstacle('verification', `the leg ${leg.rule.name} is not verified`, 'wait until it is, or resume it')];
  }
  const minRemainingDays = look.state.rule?.minRemainingDays ?? 0;
  const copy = survivorAt(look, { ...hop.to, arn: hop.copyArn ?? '' });
  const found = verificationObstacles({ source, copy, leg, hop, after, minRemainingDays, now: look.now });
  const lacking = look.incomplete.find(({ arn }) => arn === hop.copyArn);
  if (!lacking) return found;
  const message = `${lacking.arn} holds ${lacking.nested} of the ${lacking.of} recovery points that are nested in the original`;
  return [...found, obstacle('verification', message, 'resume, and it is copied again')];
}

const survivorAt = ({ survivors }: GateLook, { arn, ...vault }: PointRef): PointFacts | null =>
  survivors.find((each) => each?.ref.arn === arn && vaultArn(each.ref) === vaultArn(vault)) ?? null;

/** The least number of copies without which nothing is deleted, whatever a rule says. */
const LEAST_SURVIVORS = 2;

function survivorObstacle({ state }: GateLook, source: PointFacts): Obstacle | null {
  if (state.rule?.then.kind !== 'delete') return null;
  const needed = Math.max(LEAST_SURVIVORS, state.rule.minSurvivors);
  const vaults = new Set(survivorsOf(state).map(vaultArn));
  vaults.delete(vaultArn(source.ref));
  if (vaults.size >= needed) return null;
  return obstacle(
    'verification',
    `${vaults.size} verified ${vaults.size === 1 ? 'copy' : 'copies'} in vaults of their own, and a deletion needs ${needed}`,
    'give the rule more legs into other vaults, or let it shorten or keep the original',
  );
}

function lockObstacle({ lock, now }: GateLook, { ref, deleteAt }: PointFacts): Obstacle | null {
  if (!lock) return null;
  const { lockDate } = lock;
  const isFinal = lockDate !== null && Date.parse(lockDate) <= Date.parse(now);
  const mode =
    lockDate === null ? 'in governance mode' : `in compliance mode ${isFinal ? 'since' : 'from'} ${lockDate}`;
  const earliest =
    deleteAt === null ? 'none, as it is kept without an end' : `${deleteAt}, when its own retention ends`;
  return obstacle(
    'lock',
    `the vault ${vaultArn(ref)} is locked ${mode}: AWS changes and deletes nothing in it. Earliest legal date: ${earliest}`,
    isFinal
      ? 'let the rule keep the originals of this vault, and release the custody'
      : 'take the lock off if it may go (backup:DeleteBackupVaultLockConfiguration) and resume; or release the custody',
  );
}

function holdObstacle({ legalHolds, snapshotLock }: GateLook, { ref }: PointFacts): Obstacle | null {
  if (legalHolds.length > 0) {
    const names = legalHolds.map(({ id, title }) => (title === '' ? id : `${id} (${title})`)).join(', ');
    const message = `${ref.arn} is under the legal hold ${names}`;
    return obstacle(
      'legalHold',
      message,
      'resume when the hold was cancelled by those who set it; or release the custody',
    );
  }
  if (!snapshotLock || snapshotLock.state === 'expired') return null;
  const until = snapshotLock.expiresAt === null ? '' : ` until ${snapshotLock.expiresAt}`;
  return obstacle(
    'snapshotLock',
    `the snapshot ${snapshotLock.snapshotId} of ${ref.arn} is locked (${snapshotLock.state})${until}: Earliest legal date: ${snapshotLock.expiresAt ?? 'not known'}`,
    'resume when the lock has expired, or unlock it where its mode allows that (ec2:UnlockSnapshot); or release the custody',
  );
}

/** The copies that must be read again right before the original is changed: each leg's last one. */
export function survivorsOf({ legs }: Pick<CustodyState, 'legs'>): PointRef[] {
  return wantedLegs(legs).flatMap(({ hops }) => {
    const last = hops.at(-1);
    return last && last.copyArn !== null ? [{ ...last.to, arn: last.copyArn }] : [];
  });
}
