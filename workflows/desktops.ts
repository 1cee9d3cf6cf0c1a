/** The ways of a cohort's WorkSpaces, all at once; one that has ended can be begun again. */
import { newRow, type Row } from '../domain/upgrade-row.ts';
import { iso, type Shared } from './desktop.ts';
import { upgradeDesktop } from './upgrade-desktop.ts';

/** What a person may want tried again. */
const FAILED: ReadonlySet<string> = new Set(['rebuildFailed', 'rebuildUnconfirmed', 'timedOutWaiting']);

export class Desktops {
  readonly #rows: readonly Row[];
  readonly #shared: Shared;
  readonly #ways = new Set<Promise<void>>();

  constructor(rows: readonly Row[], shared: Shared) {
    this.#rows = rows;
    this.#shared = shared;
  }

  startAll(): void {
    for (const row of this.#rows) this.#start(row);
  }

  /** Those that failed begin again at their first step; how many these are. */
  retryFailed(): number {
    // One that is being taken out of ADMIN_MAINTENANCE is still on its way.
    const failed = this.#rows.filter((row) => row.step === 'done' && row.outcome !== null && FAILED.has(row.outcome));
    for (const row of failed) {
      const until = this.#shared.agenda.now + this.#shared.settings.waitTimeoutMinutes * 60_000;
      const begunBefore = row.begunBefore || row.rebuildRequestedAt !== null;
      Object.assign(row, newRow(row), { retries: row.retries + 1, begunBefore, snapshotWaitEndsAt: iso(until) });
      this.#start(row);
    }
    return failed.length;
  }

  /** All have ended, or were interrupted. A way that fails is a bug, and fails the workflow task. */
  async allReturned(): Promise<void> {
    while (this.#ways.size > 0) await Promise.all(this.#ways);
  }

  #start(row: Row): void {
    const way = upgradeDesktop(row, this.#shared).finally(() => this.#ways.delete(way));
    this.#ways.add(way);
  }
}
