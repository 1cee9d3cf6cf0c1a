/**
 * Who may copy now: AWS runs so many copy jobs at once out of an account's Region to one Region, beyond them so many to
 * one vault, and one job at a time for a resource. One workflow per account, Region and destination Region keeps the order.
 * Copies of a resource into several Regions stand in several queues, and may begin at once: AWS keeps all but one CREATED.
 */
import type { CopyJobSeen, CustodyHint } from './custody.ts';
import { packed, unpacked, type Copying, type PackedCopyQueue, type SeenJob } from './packed-copy-queue.ts';
import type { Target } from './target.ts';

export const copyQueueId = (source: Target, destinationRegion: string): string =>
  `copy-queue/${source.account}/${source.region}/${destinationRegion}`;

export const ASK_FOR_COPY = 'askForCopy';
export const GIVE_BACK_COPY = 'giveBackCopy';
/** The signals that holders are told by. */
export const COPY_GRANTED = 'copyGranted';
export const COPY_HINT = 'hint';

export interface CopyAsk {
  /** The workflow that is told when its turn has come. */
  readonly holder: string;
  readonly destinationVaultArn: string;
  /** The recovery point that is copied, and its resource. */
  readonly pointArn: string;
  readonly resourceArn: string;
  /** AWS's time. */
  readonly at: string;
}

/** What the queue is asked by: the limits are those of the policy that asks. */
export interface CopyRequest extends CopyAsk {
  readonly limits: CopyQueueLimits;
}

export type CopyGrant = Pick<CopyAsk, 'holder' | 'destinationVaultArn'>;

/** A place that is not needed any more, waiting or copying. */
export interface CopyReturn extends CopyGrant {
  /** AWS's time at which it refused the copy, as there were too many; absent: it did not. */
  readonly overQuotaAt?: string;
}

/** Where a copy stands. */
export type CopyPlace =
  /** From 1: who is first. Those before it may be of a resource that is being copied, and be passed by. */
  | { readonly kind: 'waiting'; readonly number: number; readonly of: number; readonly copying: number }
  | { readonly kind: 'copying' };

export interface CopyQueueLimits {
  readonly perRegion: number;
  readonly perVault: number;
}

/** Asks again and again change nothing: who waits keeps its place, who has its turn is told so once more. */
export interface CopyQueueInput {
  readonly source: Target;
  readonly destinationRegion: string;
  readonly limits: CopyQueueLimits;
}

/**
 * A copy job is CREATED for minutes before it runs, and AWS counts those that run. Where a policy leaves AWS's own limits as
 * they are, AWS keeps them: so many times as many are started, so that none of its places stands empty. Where it asks for
 * less, every job that has begun counts.
 */
const AWS_PER_REGION = 100;
const STARTED_AHEAD = 6;
/** AWS does not say whether it refuses a job above its quota. If it does, no more are started than may run, for so long. */
const CAREFUL_MS = 3_600_000;

/** A copy that has not ended after so many looks, two hours, does not keep others of its resource waiting any longer. */
const RESOURCE_LOOKS = 240;
/** Nor, after a day, does it take a place: AWS may leave a job CREATED for ever. */
const PLACE_LOOKS = 2_880;
/** More are not carried into a new history, of which Temporal takes two megabytes: those that are left out ask again. */
const MOST_CARRIED = 10_000;
/** AWS lists a job as ended some time after its end. */
const LATE_MS = 2 * 60_000;

export class CopyQueue {
  #limits: CopyQueueLimits;
  readonly #waiting = new Map<string, CopyAsk>();
  readonly #copying = new Map<string, Copying>();
  /** AWS's time of the last look, and the jobs that were seen to have ended shortly before it. */
  #looked: string | null = null;
  #seen: readonly SeenJob[] = [];
  /** AWS's time when it was last told, and when AWS last refused a copy as one too many. */
  #heard = '';
  #overQuotaAt: string | null = null;
  /** Something has changed since `grant` looked at all who wait. */
  #mayGrant = true;

  constructor(limits: CopyQueueLimits, carried?: PackedCopyQueue) {
    this.#limits = limits;
    if (!carried) return;
    const { waiting, copying, looked, seen, overQuotaAt } = unpacked(carried);
    this.#limits = carried.limits;
    for (const ask of waiting) this.#waiting.set(keyOf(ask), ask);
    for (const each of copying) this.#copying.set(keyOf(each), each);
    this.#looked = looked;
    this.#seen = seen;
    this.#overQuotaAt = overQuotaAt;
    this.#hear(looked ?? '');
  }

  get waiting(): readonly CopyAsk[] {
    return [...this.#waiting.values()];
  }

  get copying(): readonly CopyAsk[] {
    return [...this.#copying.values()];
  }

  /** Null: it is not in the queue. */
  placeOf(copy: CopyGrant): CopyPlace | null {
    const key = keyOf(copy);
    if (this.#copying.has(key)) return { kind: 'copying' };
    const index = [...this.#waiting.keys()].indexOf(key);
    if (index < 0) return null;
    return { kind: 'waiting', number: index + 1, of: this.#waiting.size, copying: this.#copying.size };
  }

  get isEmpty(): boolean {
    return this.#waiting.size + this.#copying.size === 0;
  }

  /** AWS has refused a copy as one too many not long ago. */
  get isCareful(): boolean {
    return this.#overQuotaAt !== null && Date.parse(this.#heard) < Date.parse(this.#overQuotaAt) + CAREFUL_MS;
  }

  /** From when on AWS is to be asked for what has ended: what is known up to then is in `seen`. */
  get since(): string {
    const from = this.#looked ?? [...this.#copying.values()].map(({ at }) => at).toSorted()[0] ?? '';
    return new Date(Date.parse(from) - LATE_MS).toISOString();
  }

  /** The ids of the jobs that need not be told again. */
  get seen(): readonly string[] {
    return this.#seen.map(({ jobId }) => jobId);
  }

  /**
   * The smallest limits of all who have asked hold for all, until nobody is left.
   *
   * @returns whether it has its turn already, and is to be told once more
   */
  ask({ limits, ...ask }: CopyRequest): boolean {
    this.#hear(ask.at);
    const { perRegion, perVault } = this.#limits;
    this.#limits = this.isEmpty
      ? limits
      : { perRegion: Math.min(perRegion, limits.perRegion), perVault: Math.min(perVault, limits.perVault) };
    const key = keyOf(ask);
    if (this.#copying.has(key)) return true;
    if (!this.#waiting.has(key)) this.#waiting.set(key, ask);
    this.#mayGrant ||= !this.#room().isFull(ask);
    return false;
  }

  giveBack(place: CopyReturn): void {
    if (place.overQuotaAt !== undefined) {
      this.#overQuotaAt = place.overQuotaAt;
      this.#hear(place.overQuotaAt);
    }
    this.#waiting.delete(keyOf(place));
    this.#copying.delete(keyOf(place));
    this.#mayGrant = true;
  }

  /** Those holders do not run any more. */
  forget(holders: readonly string[]): void {
    for (const places of [this.#waiting, this.#copying]) {
      for (const [key, { holder }] of places) if (holders.includes(holder)) places.delete(key);
    }
    this.#mayGrant = true;
  }

  /** Whoever may copy now, in order: they hold their places from now on. */
  grant(): CopyGrant[] {
    this.#mayGrant = false;
    const granted: CopyGrant[] = [];
    const room = this.#room();
    for (const [key, ask] of this.#waiting) {
      if (room.isFull(ask)) continue;
      this.#waiting.delete(key);
      this.#copying.set(key, { ...ask, beyond: room.take(ask), looks: 0 });
      granted.push({ holder: ask.holder, destinationVaultArn: ask.destinationVaultArn });
    }
    return granted;
  }

  /** Whether it is worth looking. */
  get canGrant(): boolean {
    return this.#mayGrant && this.#waiting.size > 0;
  }

  /**
   * What AWS shows to have ended frees its places.
   *
   * @param jobs those that ended after `since`, without those in `seen`
   * @returns what to tell whom
   */
  ended(at: string, jobs: readonly CopyJobSeen[]): { readonly holder: string; readonly hint: CustodyHint }[] {
    this.#hear(at);
    const told: { holder: string; hint: CustodyHint }[] = [];
    const byCopy = new Map([...this.#copying].map(([key, each]) => [copyOf(each), { key, ask: each }]));
    for (const job of jobs) {
      const copy = byCopy.get(copyOf(job));
      if (!copy) continue;
      this.#copying.delete(copy.key);
      told.push({ holder: copy.ask.holder, hint: hintOf(job) });
    }
    const from = new Date(Date.parse(at) - 2 * LATE_MS).toISOString();
    const now = jobs.flatMap(({ jobId, endedAt }) => (endedAt === null ? [] : [{ jobId, endedAt }]));
    this.#seen = [...this.#seen, ...now].filter(({ endedAt }) => endedAt >= from);
    this.#looked = at;
    for (const each of this.#copying.values()) each.looks += 1;
    this.#mayGrant = true;
    return told;
  }

  /** Who has held a place for a multiple of so many looks: it may not run any more. */
  doubtful(looks: number): string[] {
    const held = [...this.#copying.values()].filter((each) => each.looks > 0 && each.looks % looks === 0);
    return [...new Set(held.map(({ holder }) => holder))];
  }

  pack(): PackedCopyQueue {
    return packed({
      limits: this.#limits,
      waiting: this.waiting.slice(0, MOST_CARRIED),
      copying: [...this.#copying.values()],
      looked: this.#looked,
      seen: this.#seen,
      overQuotaAt: this.#overQuotaAt,
    });
  }

  #hear(at: string): void {
    if (at > this.#heard) this.#heard = at;
  }

  #room() {
    const all = [...this.#copying.values()].filter(({ looks }) => looks < PLACE_LOOKS);
    const beyond = new Map<string, number>();
    for (const each of all) {
      if (each.beyond) beyond.set(each.destinationVaultArn, (beyond.get(each.destinationVaultArn) ?? 0) + 1);
    }
    let regular = all.length - [...beyond.values()].reduce((sum, count) => sum + count, 0);
    const busy = new Set(all.filter(({ looks }) => looks < RESOURCE_LOOKS).map(({ resourceArn }) => resourceArn));
    const { perRegion: limit, perVault } = this.#limits;
    const perRegion = limit < AWS_PER_REGION || this.isCareful ? limit : limit * STARTED_AHEAD;
    return {
      isFull: ({ resourceArn, destinationVaultArn }: CopyAsk): boolean =>
        busy.has(resourceArn) || (regular >= perRegion && (beyond.get(destinationVaultArn) ?? 0) >= perVault),
      /** @returns whether it runs beyond the Region's limit */
      take({ resourceArn, destinationVaultArn }: CopyAsk): boolean {
        busy.add(resourceArn);
        const isBeyond = regular >= perRegion;
        if (isBeyond) beyond.set(destinationVaultArn, (beyond.get(destinationVaultArn) ?? 0) + 1);
        else regular += 1;
        return isBeyond;
      },
    };
  }
}

const keyOf = ({ holder, destinationVaultArn }: CopyGrant): string => `${holder} ${destinationVaultArn}`;
const copyOf = ({ pointArn, destinationVaultArn }: Pick<CopyAsk, 'pointArn' | 'destinationVaultArn'>): string =>
  `${pointArn} ${destinationVaultArn}`;

const hintOf = (job: CopyJobSeen): CustodyHint => ({
  kind: 'copyJob',
  copyJobId: job.jobId,
  state: job.state,
  destinationVaultArn: job.destinationVaultArn,
  copyArn: job.copyArn,
  message: job.message,
});
