/** The cohorts of one run, as the run sees them: counts, turns of the cap, and whether they are done. */
import type { PhaseCounts } from '../domain/image-upgrade.ts';
import { addCounts, countPhases, type Row } from '../domain/image-upgrade.ts';
import type { CohortProgress } from './image-upgrade.messages.ts';

export interface CohortRecord {
  readonly id: string;
  counts: PhaseCounts;
  /** Turns it may use. */
  turns: number;
  queued: number;
  aborted: boolean;
  /** Nothing was heard of it since it was last asked after. */
  silent: boolean;
  done: boolean;
  /** It ended without a report: terminated, or failed. */
  lost: boolean;
}

export const newCohort = (id: string, rows: readonly Row[], turns: number): CohortRecord => ({
  id,
  counts: countPhases(rows),
  turns,
  queued: 0,
  aborted: false,
  silent: false,
  done: false,
  lost: false,
});

/** Shares the cap evenly, the first ones a turn more. */
export const shareTurns = (cap: number, cohorts: number): number[] =>
  Array.from({ length: cohorts }, (_, index) => Math.floor(cap / cohorts) + (index < cap % cohorts ? 1 : 0));

export interface Grant {
  readonly cohort: string;
  readonly turns: number;
}

export class Cohorts {
  readonly records: readonly CohortRecord[];
  readonly #cap: number;

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

  /** Takes in what a cohort tells. */
  heard({ cohort, counts, queued, returned, aborted, done }: CohortProgress): void {
    const record = this.records.find((each) => each.id === cohort);
    if (!record) return;
    record.counts = counts;
    record.queued = queued;
    record.turns -= returned;
    record.aborted = aborted;
    record.silent = false;
    record.done = done;
  }

  /** Those that have told nothing since this was last asked. */
  silent(): string[] {
    const running = this.records.filter((record) => !record.done && !record.lost);
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

  /** Hands what is free to those who wait for it; what is granted here is counted as used at once. */
  grants(): Grant[] {
    let free = this.#cap - this.records.reduce((sum, record) => sum + record.turns, 0);
    const grants: Grant[] = [];
    for (const record of this.records) {
      const turns = Math.min(free, record.queued);
      if (turns <= 0 || record.done || record.lost) continue;
      record.turns += turns;
      record.queued -= turns;
      free -= turns;
      grants.push({ cohort: record.id, turns });
    }
    return grants;
  }
}
