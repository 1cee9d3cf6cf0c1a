/** What a cohort tells its run, gathered: turns wanted and given back at once, counts now and then. */
import {
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { countPhases, type ImageUpgradeInput, type Row } from '../domain/image-upgrade.ts';
import { Interrupted } from './agenda.ts';
import { cohortProgressSignal } from './image-upgrade.messages.ts';
import { detailsOf } from './status-text.ts';
import { isUnderWay, type Shared } from './upgrade-desktop.ts';

/** The run hears of a cohort's counts so often, besides what it must know at once. */
const TELL_EVERY = 60 * 60_000;

export interface RootLinkInput {
  readonly settings: ImageUpgradeInput;
  /** The workflow that is told. */
  readonly root: string;
  /** There are other cohorts: what is idle here is wanted there. */
  readonly shared: boolean;
}

/** Begins nothing new; what is under way goes on. */
export function abort({ agenda, turns, locks }: Shared): void {
  agenda.abort();
  turns.stop();
  locks.releaseAhead();
}

/** It was aborted, and who is under way is settled: nobody will follow. */
export const isDecided = ({ agenda }: Shared, rows: readonly Row[]): boolean =>
  agenda.aborted && rows.every((row) => row.outcome !== null || isUnderWay(row));

export class RootLink {
  readonly #input: RootLinkInput;
  readonly #rows: readonly Row[];
  readonly #cohort: Shared;
  #stopped = false;
  #asked = false;
  #toldQueued = 0;
  #health = 'ok';

  constructor(input: RootLinkInput, rows: readonly Row[], cohort: Shared) {
    this.#input = input;
    this.#rows = rows;
    this.#cohort = cohort;
  }

  /** The run shall be told at once. */
  askToTell(): void {
    this.#asked = true;
  }

  /** Those whose turns came are not waited for any more. */
  granted(turns: number): void {
    this.#toldQueued = Math.max(0, this.#toldQueued - turns);
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
    const returned = done ? turns.size : this.#idle();
    turns.resize(turns.size - returned);
    this.#toldQueued = turns.queued;
    const counts = countPhases(this.#rows);
    setCurrentDetails(detailsOf(counts, settings));
    const progress = {
      cohort: workflowInfo().workflowId,
      at: agenda.isoNow,
      counts,
      queued: turns.queued,
      returned,
      aborted: isDecided(this.#cohort, this.#rows),
      done,
    };
    try {
      await getExternalWorkflowHandle(root).signal(cohortProgressSignal, progress);
    } catch (error) {
      if (isCancellation(error)) throw error;
      // The run was ended by force: nobody gathers, so nobody may begin. What is under way is followed.
      abort(this.#cohort);
    }
  }

  #hasNews(): boolean {
    const wanting = this.#input.shared && this.#cohort.turns.queued > this.#toldQueued;
    return this.#asked || wanting || this.#idle() > 0;
  }

  #idle(): number {
    return this.#input.shared ? this.#cohort.turns.idle : 0;
  }

  #healthNow(): string {
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
