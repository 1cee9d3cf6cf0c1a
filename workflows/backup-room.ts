/** Room for images in the Region's quota, looked at again before each of them: others make images too. */
import { condition } from '@temporalio/workflow';
import type { BackupRow } from '../domain/backup-row.ts';
import { IMAGES_LIMIT } from '../domain/limits.ts';
import { listings, quickCalls } from './activities.ts';
import type { Agenda } from './agenda.ts';
import type { BackupObserver } from './backup-observer.ts';
import { retainFinished } from './backup-retention.ts';
import { show, type BackupRun } from './backup-run.ts';
import { OneByOne } from './one-by-one.ts';

const MINUTE = 60_000;
/** A count takes a call for each 25 images: it is made anew only so often, and more often where there is little room. */
const COUNT_HOLDS = { ample: 30 * MINUTE, tight: 5 * MINUTE };

/** Retention is applied in between when there is room for so many times what is made at once. */
const AHEAD = 2;
/** It is to be counted anew. */
const LONG_AGO = new Date(0).toISOString();

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

  /** Takes a place for one image; false: there is none, and none comes free by this run. @throws Interrupted */
  async take(): Promise<boolean> {
    return await this.#oneByOne.do(async () => await this.#take());
  }

  /** The image was not made, or is gone. */
  giveBack(): void {
    this.#run.state.images -= 1;
  }

  async #take(): Promise<boolean> {
    const { state } = this.#run;
    for (;;) {
      this.#agenda.check();
      if (this.#isOld()) await this.#count();
      this.#retainAhead();
      if (this.#left > 0) {
        state.images += 1;
        return true;
      }
      if (Date.parse(state.countedAt) < this.#agenda.now) {
        await this.#count();
        if (this.#left > 0) continue;
      }
      if (state.retentionRefused !== null) return false;
      if (this.#retaining) await this.#retaining;
      else if (state.unjudged > 0) await this.#retain();
      else if (this.#underWay().length > 0) await this.#untilOneEnds();
      else return false;
      await this.#count();
    }
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
    this.#run.state.countedAt = LONG_AGO;
  }

  get #left(): number {
    const { quota, images, ahead } = this.#run.state;
    return quota - images - ahead;
  }

  #isOld(): boolean {
    const { state, input } = this.#run;
    const holds = this.#left > input.maxConcurrent ? COUNT_HOLDS.ample : COUNT_HOLDS.tight;
    return this.#agenda.now - Date.parse(state.countedAt) > holds;
  }

  async #count(): Promise<void> {
    const { input, state } = this.#run;
    const { target } = input;
    const { at, count } = await this.#observer.persistently(() => listings(target).countImages({ target }));
    this.#agenda.heard(at);
    state.countedAt = this.#agenda.isoNow;
    // Whether those that are being begun right now are among them is not known.
    state.images = count + state.rows.filter(({ step }) => step === 'starting' || step === 'creating').length;
    const units = Math.min(state.reserve, state.rows.filter(isToCome).length);
    const lease = { target, name: IMAGES_LIMIT, units, capacity: state.quota - count };
    const { ahead } = await this.#observer.persistently(() => quickCalls.exchangeLease(lease));
    state.ahead = ahead;
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
