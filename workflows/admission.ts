/** Who may be rebuilt now: its wave has begun, nothing halts the run, its window is open, and it is not deferred. */
import { condition } from '@temporalio/workflow';
import type { CohortSteering } from '../domain/cohort-steering.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { Row } from '../domain/upgrade-row.ts';
import { mayBegin, nextChange, windowRuleOf, type Opening, type WindowRule } from '../domain/windows.ts';
import { localCalls } from './activities.ts';
import { Interrupted, SentBack, type Agenda } from './agenda.ts';
import type { Turns } from './turns.ts';

interface AdmissionOptions {
  readonly settings: ImageUpgradeInput;
  readonly agenda: Agenda;
  /** In which those wait who may begin. */
  readonly queues: readonly Turns[];
  readonly rows: readonly Row[];
  readonly steering: CohortSteering;
  /** A WorkSpace was ready when its window closed. */
  readonly missed: (row: Row) => void;
}

interface Waiting {
  readonly row: Row;
  readonly go: () => void;
  readonly interrupt: (why: Error) => void;
}

/** Openings are asked for so far ahead, and again when less than half of that is left. */
const DAYS_AHEAD = 28;
const DAY = 24 * 3_600_000;

export class Admission {
  readonly #options: AdmissionOptions;
  #steering: CohortSteering;
  #waiting: Waiting[] = [];
  #openings: readonly (readonly Opening[])[] | null = null;
  #openingsUntil = 0;
  #changes = 0;
  #stopped = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#steering = options.steering;
    // They may have been changed since the preflight looked at them.
    this.#setWindows(options.steering.windows);
  }

  get steering(): CohortSteering {
    return this.#steering;
  }

  /** Goes up with each change: what was read before one may not hold after it. */
  get changes(): number {
    return this.#changes;
  }

  may(row: Row): boolean {
    return this.#isItsTime(row) && this.#isOpen(row) === true;
  }

  /** How long its window stays open, in milliseconds: a call that stood in the queue for longer would be made outside. */
  timeLeft({ windowRule }: Row): number {
    if (windowRule === null) return Infinity;
    const { now } = this.#options.agenda;
    const open = this.#openings?.[windowRule]?.find(({ from, to }) => from <= now && now < to);
    return open === undefined ? 0 : open.to - now;
  }

  /** Waits while it is not known when its window is open: at first, and after a change. @throws Interrupted */
  async known(row: Row): Promise<void> {
    await condition(() => this.#stopped || this.#isOpen(row) !== undefined);
    if (this.#stopped) throw new Interrupted();
  }

  /** It was ready, and may not begin any more. */
  turnAway(row: Row): void {
    if (this.#options.settings.windowPassed === 'skip' && this.#isOpen(row) === false) this.#options.missed(row);
  }

  /** Waits until it may. @throws Interrupted, SentBack */
  async pass(row: Row): Promise<void> {
    if (this.#stopped) throw new Interrupted();
    if (this.may(row)) return;
    await new Promise<void>((go, interrupt) => this.#waiting.push({ row, go, interrupt }));
  }

  sendBack(workspaceId: string): void {
    const leaving = this.#waiting.filter(({ row }) => row.workspaceId === workspaceId);
    this.#waiting = this.#waiting.filter((each) => !leaving.includes(each));
    for (const each of leaving) each.interrupt(new SentBack());
  }

  change(steering: CohortSteering): void {
    this.#changes += 1;
    if (!areEqual(steering.windows, this.#steering.windows)) this.#setWindows(steering.windows);
    this.#steering = steering;
    this.review();
  }

  /** Something about a WorkSpace has changed, such as how long it is deferred. */
  review(): void {
    this.#letThrough();
    this.#options.agenda.wake(OWNER);
  }

  /** Opens and closes by the clock, until `stop`. */
  async run(): Promise<void> {
    const { agenda } = this.#options;
    try {
      while (!this.#stopped) {
        while (this.#wantsOpenings()) await this.#readOpenings();
        this.#letThrough();
        await agenda.until(this.#nextChange(), { owner: OWNER });
      }
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }

  /** Lets nobody through any more. */
  stop(): void {
    this.#stopped = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each.interrupt(new Interrupted());
  }

  /** Lets those through who may; those in the queue who may not any more leave it. */
  #letThrough(): void {
    const { queues, rows } = this.#options;
    const going = this.#waiting.filter(({ row }) => this.may(row));
    this.#waiting = this.#waiting.filter((each) => !going.includes(each));
    for (const each of going) each.go();
    const barred = rows.filter((row) => row.step === 'turn' && this.#isBarred(row));
    const ids = new Set(barred.map((row) => row.workspaceId));
    if (ids.size === 0) return;
    for (const queue of queues) queue.sendBack((id) => ids.has(id));
    for (const id of ids) this.#options.agenda.sendBack(id);
    for (const row of barred) this.turnAway(row);
  }

  /** Nobody leaves the queue only because the windows are being read. */
  #isBarred(row: Row): boolean {
    return !this.#isItsTime(row) || this.#isOpen(row) === false;
  }

  /** But for its window. */
  #isItsTime({ wave, deferredUntil }: Row): boolean {
    const { halted, wave: open } = this.#steering;
    if (halted || wave > open) return false;
    return deferredUntil === null || Date.parse(deferredUntil) <= this.#options.agenda.now;
  }

  /** Undefined: that is not known yet. */
  #isOpen({ windowRule }: Row): boolean | undefined {
    if (windowRule === null) return true;
    if (this.#openings === null) return undefined;
    return mayBegin(this.#openings[windowRule] ?? [], this.#options.agenda.now);
  }

  #wantsOpenings(): boolean {
    const { agenda, rows } = this.#options;
    const asked = rows.some((row) => row.windowRule !== null && row.outcome === null);
    return asked && (this.#openings === null || this.#openingsUntil - agenda.now < (DAYS_AHEAD / 2) * DAY);
  }

  async #readOpenings(): Promise<void> {
    const { agenda } = this.#options;
    const { windows } = this.#steering;
    const { openings } = await localCalls.openings({ windows, from: agenda.isoNow, days: DAYS_AHEAD });
    // They were changed meanwhile: asked for again.
    if (!areEqual(windows, this.#steering.windows)) return;
    this.#openings = openings;
    this.#openingsUntil = agenda.now + DAYS_AHEAD * DAY;
  }

  #nextChange(): number {
    const { agenda, rows } = this.#options;
    if (this.#stopped) throw new Interrupted();
    const deferred = rows.flatMap((row) => (row.deferredUntil === null ? [] : Date.parse(row.deferredUntil)));
    const openings = (this.#openings ?? []).map((each) => nextChange(each, agenda.now));
    const asked = rows.some((row) => row.windowRule !== null && row.outcome === null);
    const reread = asked && this.#openings !== null ? this.#openingsUntil - (DAYS_AHEAD / 2) * DAY : Infinity;
    return Math.min(...deferred.filter((at) => at > agenda.now), ...openings, Math.max(reread, agenda.now + 1));
  }

  /** Rules for tags stay those of the start, as no row keeps all of its tags; the run has seen to that. */
  #setWindows(windows: readonly WindowRule[]): void {
    if (windows.every((rule) => rule.tag === null)) {
      for (const row of this.#options.rows) {
        row.windowRule = windowRuleOf(windows, { directoryId: row.directoryId, tags: {} });
      }
    }
    this.#openings = null;
  }
}

/** Each comes in a message of its own. */
const areEqual = (a: readonly WindowRule[], b: readonly WindowRule[]): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** Whom the agenda knows this by: no WorkSpace is called so. */
const OWNER = 'admission';
