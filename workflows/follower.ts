/** Follows WorkSpaces under rebuild to their ends: watches of up to 25 of them, each three events however long it lasts. */
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import { IDS_A_CALL } from '../domain/call-sizes.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { Row } from '../domain/upgrade-row.ts';
import type { Desktop } from '../domain/rebuild-gate.ts';
import { watches } from './activities.ts';
import { Interrupted, type Agenda } from './agenda.ts';
import type { FleetObserver } from './fleet-observer.ts';

interface Followed {
  readonly row: Row;
  readonly show: (desktop: Desktop | null) => void;
  readonly fail: (error: unknown) => void;
}

/** A watch tells what it saw after so long at the latest, and takes in those that began meanwhile. */
const LONGEST_WATCH = 15 * 60_000;

/** One call looks at all of them: where these are many, more looks cost each of them little, and free its turn sooner. */
const MANY = 15;
const SOONER = 0.5;

interface FollowerOptions {
  readonly settings: ImageUpgradeInput;
  readonly agenda: Agenda;
  readonly observer: FleetObserver;
  /** Ids whose state is soon needed: looked at along with the others while a call has room. */
  readonly riders: () => readonly string[];
}

export class Follower {
  readonly #options: FollowerOptions;
  readonly #scope = new CancellationScope();
  #waiting: Followed[] = [];
  #watches = 0;
  #lastLook = 0;
  #stopped = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** The WorkSpace when it has come to an end, or after a while; null: AWS does not show it. Notes REBUILDING in the row. */
  async look(row: Row): Promise<Desktop | null> {
    if (this.#stopped) throw new Interrupted();
    return await new Promise((show, fail) => this.#waiting.push({ row, show, fail }));
  }

  async run(): Promise<void> {
    const all: Promise<void>[] = [];
    while (!this.#stopped) {
      // Those who begin while a watch lasts wait for its end: one call for all is worth more than an early look.
      await condition(() => this.#stopped || this.#isDue());
      while (!this.#stopped && this.#isDue()) all.push(this.#watch(this.#waiting.splice(0, IDS_A_CALL)));
    }
    await Promise.all(all);
  }

  /** Ends the watches at once; who is followed is told so. */
  stop(): void {
    this.#stopped = true;
    this.#scope.cancel();
    for (const each of this.#waiting) each.fail(new Interrupted());
    this.#waiting = [];
  }

  #isDue(): boolean {
    return this.#waiting.length >= IDS_A_CALL || (this.#waiting.length > 0 && this.#watches === 0);
  }

  async #watch(followed: readonly Followed[]): Promise<void> {
    const { settings, agenda, observer } = this.#options;
    const { target } = settings;
    this.#watches += 1;
    try {
      const seen = await this.#scope.run(() => watches(target).awaitRebuilds(this.#order(followed)));
      agenda.heard(seen.at);
      this.#lastLook = Date.parse(seen.at);
      observer.saw(seen.at, seen.found);
      for (const { row, show } of followed) {
        row.sawRebuilding ||= seen.sawRebuilding.includes(row.workspaceId);
        show(seen.found.find((desktop) => desktop.workspaceId === row.workspaceId) ?? null);
      }
    } catch (error) {
      const why = this.#stopped && isCancellation(error) ? new Interrupted() : error;
      for (const { fail } of followed) fail(why);
    } finally {
      this.#watches -= 1;
    }
  }

  #order(followed: readonly Followed[]) {
    const { settings, agenda, riders } = this.#options;
    const confirmSeconds = settings.confirmSeconds * (followed.length >= MANY ? SOONER : 1);
    const intervalSeconds = Math.max(Math.round(confirmSeconds), settings.pollSeconds);
    const due = Math.max(this.#lastLook + intervalSeconds * 1000, agenda.now + settings.pollSeconds * 1000);
    return {
      target: settings.target,
      watched: followed.map(({ row }) => ({
        workspaceId: row.workspaceId,
        sawRebuilding: row.sawRebuilding,
        ipBefore: row.ipBefore,
        stateBefore: row.stateBefore,
      })),
      riders: riders().slice(0, IDS_A_CALL - followed.length),
      delaySeconds: Math.max(0, (due - agenda.now) / 1000),
      intervalSeconds,
      until: new Date(agenda.now + LONGEST_WATCH).toISOString(),
    };
  }
}
