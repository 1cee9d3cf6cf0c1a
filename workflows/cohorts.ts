/** The cohorts of one run, as the run sees them: counts, turns of the cap, and whether they are done. */
import type { PhaseCounts } from '../domain/upgrade-row.ts';
import { addCounts, countPhases, newRow, type RowSeed } from '../domain/upgrade-row.ts';
import { leftByWave } from '../domain/waves.ts';
import type { CohortProgress } from './image-upgrade.messages.ts';

export interface CohortRecord {
  readonly id: string;
  /** It can be spoken to. */
  started: boolean;
  counts: PhaseCounts;
  /** Turns it may use. */
  turns: number;
  queued: number;
  aborted: boolean;
  /** As in `CohortProgress`. */
  left: readonly number[];
  quiet: boolean;
  settled: boolean;
  /** Nothing was heard of it since it was last asked after. */
  silent: boolean;
  done: boolean;
  /** It ended without a report: terminated, or failed. */
  lost: boolean;
}

/** Not started yet: it is known before it can say its first word. */
export const newCohort = (id: string, rows: readonly RowSeed[], turns: number, waves: number): CohortRecord => ({
  id,
  started: false,
  counts: countPhases(rows.map(newRow)),
  left: leftByWave(rows.map(newRow), waves),
  quiet: false,
  settled: false,
  turns,
  queued: 0,
  aborted: false,
  silent: false,
  done: false,
  lost: false,
});

export interface Grant {
  readonly cohort: string;
  readonly turns: number;
}

export class Cohorts {
  readonly records: readonly CohortRecord[];
  readonly #cap: number;

  /** @param cap may shrink below what is granted: then nothing is granted until enough came back */
  constructor(records: readonly CohortRecord[], cap: number) {
    this.records = records;
    this.#cap = cap;
  }

  get counts(): PhaseCounts {
    return addCounts(this.records.map((record) => record.counts));
  }

  get allEnded(): boolean {
    return this.records.every((record) => record.done || record.lost);
  }

  get allAborted(): boolean {
    return this.records.every((record) => record.aborted || record.done || record.lost);
  }

  /** Nobody has a rebuild call under way, and nobody will until told to. */
  get allQuiet(): boolean {
    return this.records.every((record) => record.quiet || record.settled || record.done || record.lost);
  }

  get allSettled(): boolean {
    return this.records.every((record) => record.settled || record.done || record.lost);
  }

  get running(): string[] {
    return this.records.filter((record) => record.started && !record.done && !record.lost).map(({ id }) => id);
  }

  /** WorkSpaces that have not ended, in this wave and those before it. */
  leftThrough(wave: number): number {
    return this.records
      .filter((record) => !record.lost)
      .reduce((sum, record) => sum + record.left.slice(0, wave + 1).reduce((all, each) => all + each, 0), 0);
  }

  /** Takes in what a cohort tells. */
  heard({ cohort, counts, queued, returned, aborted, left, quiet, settled, done }: CohortProgress): void {
    const record = this.records.find((each) => each.id === cohort);
    if (!record) return;
    record.started = true;
    record.counts = counts;
    record.queued = queued;
    record.turns -= returned;
    record.aborted = aborted;
    record.left = left;
    record.quiet = quiet;
    record.settled = settled;
    record.silent = false;
    record.done = done;
    if (done) record.lost = false;
  }

  knows(id: string): boolean {
    return this.records.some((record) => record.id === id);
  }

  /** Those that have told nothing since this was last asked. */
  silent(): string[] {
    const running = this.records.filter((record) => record.started && !record.done && !record.lost);
    const silent = running.filter((record) => record.silent).map((record) => record.id);
    for (const record of running) record.silent = true;
    return silent;
  }

  lose(id: string): void {
    const record = this.records.find((each) => each.id === id);
    if (!record || record.done) return;
    record.lost = true;
    record.turns = 0;
  }

  /** Takes turns back where the most are, until no more are granted than the cap allows; what is held now stays held. */
  takeBack(): Grant[] {
    const running = this.records.filter((record) => !record.done && !record.lost);
    const taken = new Map<string, number>();
    for (let excess = this.#granted - this.#cap; excess > 0; excess -= 1) {
      const most = running.reduce<CohortRecord | undefined>(
        (best, each) => (best && best.turns >= each.turns ? best : each),
        undefined,
      );
      if (!most) break;
      most.turns -= 1;
      taken.set(most.id, (taken.get(most.id) ?? 0) + 1);
    }
    return [...taken].map(([cohort, turns]) => ({ cohort, turns: -turns }));
  }

  /** A run of one cohort: all turns are its own, wanted or not. */
  giveAll(): Grant[] {
    const [only, other] = this.records;
    if (!only || other) return [];
    const turns = this.#cap - only.turns;
    only.turns = this.#cap;
    return turns > 0 ? [{ cohort: only.id, turns }] : [];
  }

  get #granted(): number {
    return this.records.reduce((sum, record) => sum + record.turns, 0);
  }

  /** Hands what is free to those who wait for it; what is granted here is counted as used at once. */
  grants(): Grant[] {
    let free = this.#cap - this.#granted;
    const grants: Grant[] = [];
    for (const record of this.records) {
      // Fewer than none: more were taken back than it could give at once.
      const turns = Math.min(free, record.queued + Math.max(0, -record.turns));
      if (turns <= 0 || !record.started || record.done || record.lost) continue;
      record.turns += turns;
      record.queued = Math.max(0, record.queued - turns);
      free -= turns;
      grants.push({ cohort: record.id, turns });
    }
    return grants;
  }
}
