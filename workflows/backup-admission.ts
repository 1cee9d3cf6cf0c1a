/** Who may be imaged now: the run is not paused, the window is open, and there is time left. */
import type { BackupReason, BackupRow } from '../domain/backup-row.ts';
import { imageableAt, imageableUntil, mayImage } from '../domain/backup-windows.ts';
import type { Opening } from '../domain/windows.ts';
import type { Agenda } from './agenda.ts';
import type { BackupRun } from './backup-run.ts';

export class BackupAdmission {
  readonly #run: BackupRun;
  readonly #agenda: Agenda;
  readonly #openings: readonly (readonly Opening[])[];

  constructor(run: BackupRun, agenda: Agenda, openings: readonly (readonly Opening[])[]) {
    this.#run = run;
    this.#agenda = agenda;
    this.#openings = openings;
  }

  get deadline(): number {
    return Date.parse(this.#run.state.deadline);
  }

  may({ windowRule }: BackupRow): boolean {
    const { now } = this.#agenda;
    if (this.#run.state.paused || now >= this.deadline) return false;
    return windowRule === null || mayImage(this.#openings[windowRule] ?? [], now);
  }

  /** How long it may still be begun, in milliseconds: a call that stood in the queue for longer would be made too late. */
  timeLeft({ windowRule }: BackupRow): number {
    const { now } = this.#agenda;
    const last = windowRule === null ? Infinity : imageableUntil(this.#openings[windowRule] ?? [], now);
    return Math.min(this.deadline, last) - now;
  }

  /** Waits until it may. The answer says why it never will; null: it may now. @throws Interrupted, SentBack */
  async pass(row: BackupRow): Promise<BackupReason | null> {
    const { workspaceId: owner, windowRule } = row;
    for (;;) {
      const { now } = this.#agenda;
      if (now >= this.deadline) return { code: 'runTimedOut' };
      const opens = windowRule === null ? now : imageableAt(this.#openings[windowRule] ?? [], now);
      // One that was started is not kept running until its window opens again.
      if (opens >= this.deadline || (row.started && opens > now)) return { code: 'outsideWindow' };
      if (this.may(row)) return null;
      // Who resumes the run wakes those that wait.
      await this.#agenda.until(opens > now ? opens : this.deadline, { owner });
    }
  }
}
