/** What a cohort tells its run, gathered: turns wanted and given back at once, counts now and then. */
import {
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { countPhases, type PhaseCounts, type Row } from '../domain/upgrade-row.ts';
import { failuresOf, leftByWave } from '../domain/waves.ts';
import { Interrupted } from './agenda.ts';
import { isUnderWay, type Shared } from './desktop.ts';
import { cohortProgressSignal } from './image-upgrade.messages.ts';
import { detailsOf } from './status-text.ts';

/** The run hears of a cohort's counts so often, besides what it must know at once. */
const TELL_EVERY = 60 * 60_000;

export interface RootLinkInput {
  readonly settings: ImageUpgradeInput;
  /** The workflow that is told. */
  readonly root: string;
  readonly runId: string;
  /** There are other cohorts: what is idle here is wanted there. */
  readonly shared: boolean;
  /** How many waves the run has. */
  readonly waves: number;
}

/** Begins nothing new; what is under way goes on. */
export function abort({ agenda, admission, near, turns, locks }: Shared): void {
  agenda.abort();
  admission.stop();
  near.stop();
  turns.stop();
  locks.releaseAhead();
}

/** It was aborted, and who is under way is settled: nobody will follow. */
export const isDecided = ({ agenda }: Shared, rows: readonly Row[]): boolean =>
  agenda.aborted && rows.every((row) => row.outcome !== null || isUnderWay(row));

/** Every WorkSpace has its outcome, and is as it is to be left. */
export const isSettled = (rows: readonly Row[]): boolean => rows.every((row) => row.step === 'done');

export class RootLink {
  readonly #input: RootLinkInput;
  readonly #rows: readonly Row[];
  readonly #cohort: Shared;
  #stopped = false;
  #asked = false;
  #toldQueued = 0;
  #toldFailures = 0;
  #toldBlocked = 0;
  #toldEndedWaves = 0;
  #toldSettled = false;
  #news = false;
  #health = 'ok';
  #quiet = false;
  /** The run was ended by force: nobody will say `finish`. */
  rootGone = false;

  constructor(input: RootLinkInput, rows: readonly Row[], cohort: Shared) {
    this.#input = input;
    this.#rows = rows;
    this.#cohort = cohort;
  }

  /** The run shall be told at once. */
  askToTell(): void {
    this.#asked = true;
  }

  /** No rebuild call is being made, and none will be until the run goes on. */
  set quiet(quiet: boolean) {
    if (quiet !== this.#quiet) this.#asked = true;
    this.#quiet = quiet;
  }

  /** Those whose turns came are not waited for any more. */
  granted(turns: number): void {
    this.#toldQueued = Math.max(0, this.#toldQueued - Math.max(0, turns));
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<void> {
    const reminder = this.#remind();
    while (!this.#stopped) {
      await condition(() => this.#stopped || this.#hasNews() || this.#healthNow() !== this.#health);
      if (this.#stopped) break;
      if (this.#healthNow() !== this.#health) {
        this.#health = this.#healthNow();
        upsertSearchAttributes({ HoldfastHealth: [this.#health] });
      }
      if (this.#hasNews()) await this.tell();
    }
    await reminder;
  }

  async tell({ done = false } = {}): Promise<void> {
    const { agenda, turns } = this.#cohort;
    const { settings, root } = this.#input;
    this.#asked = false;
    this.#news = false;
    const returned = done ? turns.size : this.#idle();
    turns.resize(turns.size - returned);
    this.#toldQueued = turns.queued;
    const counts = countPhases(this.#rows);
    const left = leftByWave(this.#rows, this.#input.waves);
    this.#toldFailures = this.#failures(counts);
    this.#toldBlocked = counts.blocked;
    this.#toldEndedWaves = endedWaves(left);
    this.#toldSettled = isSettled(this.#rows);
    setCurrentDetails(detailsOf(counts, settings));
    const progress = {
      cohort: workflowInfo().workflowId,
      runId: this.#input.runId,
      at: agenda.isoNow,
      counts,
      queued: turns.queued,
      returned,
      aborted: isDecided(this.#cohort, this.#rows),
      left,
      quiet: this.#quiet,
      settled: this.#toldSettled,
      done,
    };
    try {
      await getExternalWorkflowHandle(root).signal(cohortProgressSignal, progress);
    } catch (error) {
      if (isCancellation(error)) throw error;
      // The run was ended by force: nobody gathers, so nobody may begin. What is under way is followed.
      this.rootGone = true;
      abort(this.#cohort);
    }
  }

  #hasNews(): boolean {
    const wanting = this.#input.shared && this.#cohort.turns.queued > this.#toldQueued;
    return this.#asked || wanting || this.#idle() > 0 || this.#news;
  }

  /**
   * Those that are blocked, failures that may stop the run, a wave that has ended here, or all of it. Looked at when something has happened to a
   * WorkSpace, not each time that a condition is.
   */
  review(): void {
    const counts = countPhases(this.#rows);
    const ended = endedWaves(leftByWave(this.#rows, this.#input.waves));
    this.#news =
      counts.blocked !== this.#toldBlocked ||
      this.#failures(counts) > this.#toldFailures ||
      ended > this.#toldEndedWaves ||
      isSettled(this.#rows) !== this.#toldSettled;
  }

  #failures(counts: PhaseCounts): number {
    return failuresOf(this.#input.settings.waves, counts);
  }

  #idle(): number {
    return this.#input.shared ? this.#cohort.turns.idle : 0;
  }

  #healthNow(): string {
    if (this.#rows.some((row) => row.blocked !== null)) return 'blocked';
    return this.#cohort.observer.retrying === null ? 'ok' : 'retrying';
  }

  async #remind(): Promise<void> {
    const { agenda } = this.#cohort;
    try {
      for (;;) {
        await agenda.until(agenda.now + TELL_EVERY, { rounding: 'tick', evenAborted: true });
        this.#asked = true;
      }
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }
}

/** How many of the first waves have nobody left here; with one wave there is nothing to tell. */
function endedWaves(left: readonly number[]): number {
  if (left.length < 2) return 0;
  const open = left.findIndex((count) => count > 0);
  return open === -1 ? left.length : open;
}
