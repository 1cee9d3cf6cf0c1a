/** Room for images in the Region's quota, looked at again before each of them: others make images too. */
import { condition } from '@temporalio/workflow';
import type { BackupRow } from '../domain/backup-row.ts';
import { IMAGES_LIMIT, type LeaseAnswer } from '../domain/limits.ts';
import { listings, quickCalls } from './activities.ts';
import type { Agenda } from './agenda.ts';
import type { BackupObserver } from './backup-observer.ts';
import { retainFinished } from './backup-retention.ts';
import { deletedOf, imagesOf, show, type BackupRun } from './backup-run.ts';
import { OneByOne } from './one-by-one.ts';

const MINUTE = 60_000;
/** A count takes a call for each 25 images: it is made anew only so often, and more often where there is little room. */
const COUNT_HOLDS = { ample: 30 * MINUTE, tight: 5 * MINUTE };

/** Retention is applied in between when there is room for so many times what is made at once. */
const AHEAD = 2;
/** It is to be counted anew. */
export const LONG_AGO = new Date(0).toISOString();

/** `later`: only other runs can free what there is; `none`: there is none, and none comes free. */
export type Taken = 'taken' | 'later' | 'none';

export class BackupRoom {
  readonly #run: BackupRun;
  readonly #agenda: Agenda;
  readonly #observer: BackupObserver;
  readonly #oneByOne = new OneByOne();
  #retaining: Promise<void> | null = null;

  constructor(run: BackupRun, agenda: Agenda, observer: BackupObserver) {
    this.#run = run;
    this.#agenda = agenda;
    this.#observer = observer;
  }

  /** Takes a place for one image; it is kept until it is given back. @throws Interrupted */
  async take(workspaceId: string): Promise<Taken> {
    if (this.#run.state.places.includes(workspaceId)) return 'taken';
    return await this.#oneByOne.do(async () => await this.#take(workspaceId));
  }

  /** The image was not made, or is gone. */
  giveBack(workspaceId: string): void {
    const { state } = this.#run;
    state.places = state.places.filter((id) => id !== workspaceId);
  }

  /** What was counted does not hold any more. */
  isOutdated(): void {
    this.#run.state.countedAt = LONG_AGO;
  }

  /** The image counts now: no more is to be reserved for it. @throws Interrupted */
  async renew(): Promise<void> {
    const { state } = this.#run;
    const { ahead, others, holders } = await this.#exchange();
    // What others have begun instead of reserving it is not in the last count.
    const before = state.lease;
    state.lease = { ahead: Math.max(ahead, before.ahead), others: Math.max(others, before.others), holders };
  }

  async #exchange(): Promise<LeaseAnswer> {
    const lease = { target: this.#run.input.target, name: IMAGES_LIMIT };
    return await this.#observer.persistently(() => quickCalls.exchangeLease({ ...lease, units: this.#units }));
  }

  async #take(workspaceId: string): Promise<Taken> {
    const { state } = this.#run;
    for (;;) {
      this.#agenda.check();
      if (this.#isOld()) await this.#count();
      this.#retainAhead();
      if (!this.#isFree && Date.parse(state.countedAt) < this.#agenda.now) await this.#count();
      if (this.#isFree) {
        state.places.push(workspaceId);
        return 'taken';
      }
      if (!(await this.#untilMore())) return state.lease.holders.length > 0 ? 'later' : 'none';
      await this.#count();
    }
  }

  /** Waits for what this run itself can free; false: nothing. */
  async #untilMore(): Promise<boolean> {
    const { state } = this.#run;
    if (state.retentionRefused !== null) return false;
    if (this.#retaining) await this.#retaining;
    else if (state.unjudged > 0) await this.#retain();
    else if (this.#underWay().length > 0) await this.#untilOneEnds();
    else return false;
    return true;
  }

  /** No retention is under way any more: nothing may be when the history ends. */
  async settled(): Promise<void> {
    await this.#retaining;
  }

  /** Deletions take calls, and time: they are begun before the room is needed. */
  #retainAhead(): void {
    const { state, input } = this.#run;
    const isDue = this.#left <= AHEAD * input.maxConcurrent && state.unjudged >= input.maxConcurrent;
    if (isDue && !this.#retaining && state.retentionRefused === null) void this.#retain();
  }

  async #retain(): Promise<void> {
    this.#retaining = retainFinished(this.#run, () => this.#agenda.stopped);
    await this.#retaining;
    this.#retaining = null;
    this.isOutdated();
  }

  /** What AWS would let all of us make now. */
  get #left(): number {
    const { state } = this.#run;
    return state.quota - imagesOf(state);
  }

  /** Within what it has reserved, a run comes after the earlier ones; beyond that, it leaves what all others reserve. */
  get #isFree(): boolean {
    const { places, rows, lease } = this.#run.state;
    const begun = rows.filter(({ workspaceId, imageId }) => imageId === null && places.includes(workspaceId));
    return this.#left > (begun.length < this.#units ? lease.ahead : lease.others);
  }

  /** What is still to be reserved: what is made of it counts already, and what is deleted for it does not any more. */
  get #units(): number {
    const { reserve, rows } = this.#run.state;
    const made = rows.filter(({ imageId, outcome }) => imageId !== null && outcome !== 'imageFailed').length;
    const toCome = rows.filter(isToCome).length;
    return Math.max(0, Math.min(reserve, toCome, reserve - made + deletedOf(this.#run)));
  }

  #isOld(): boolean {
    const { state, input } = this.#run;
    const holds = this.#left > input.maxConcurrent ? COUNT_HOLDS.ample : COUNT_HOLDS.tight;
    return this.#agenda.now - Date.parse(state.countedAt) > holds;
  }

  async #count(): Promise<void> {
    const { input, state } = this.#run;
    const { target } = input;
    // Whether those that are being begun right now are among them is not known.
    const made = state.rows.filter(({ imageId }) => imageId !== null).map(({ workspaceId }) => workspaceId);
    // Before it is counted: what others begin in between counts twice, and never not at all.
    const lease = await this.#exchange();
    const { at, count } = await this.#observer.persistently(() => listings(target).countImages({ target }));
    this.#agenda.heard(at);
    state.countedAt = this.#agenda.isoNow;
    state.images = count;
    state.places = state.places.filter((id) => !made.includes(id));
    state.lease = lease;
    show(this.#run);
  }

  #underWay(): BackupRow[] {
    return this.#run.state.rows.filter(({ step }) => step !== 'waiting' && step !== 'done' && step !== 'stopping');
  }

  async #untilOneEnds(): Promise<void> {
    const before = this.#underWay();
    const isAny = (): boolean => before.some((row) => !this.#underWay().includes(row));
    await condition(() => isAny() || this.#agenda.stopped || this.#agenda.aborted);
  }
}

const isToCome = ({ step }: BackupRow): boolean => step === 'waiting' || step === 'starting' || step === 'creating';
