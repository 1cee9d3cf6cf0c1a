/** What a cohort knows of AWS, read with as few calls as it can be: many ids a call, and only when asked. */
import { IDS_A_CALL } from '../domain/call-sizes.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { Bundle, Desktop } from '../domain/rebuild-gate.ts';
import { tagsMatch } from '../domain/selection.ts';
import type { Connection } from '../domain/snapshots.ts';
import type { Row } from '../domain/upgrade-row.ts';
import { workspacesCalls } from './activities.ts';
import type { Agenda } from './agenda.ts';
import { Batch, Lane, type Answers } from './batches.ts';
import { persistently } from './persistently.ts';

/**
 * How many snapshot looks of a cohort are in the limited queue at once, and as many of those that have their turn. Where
 * others stand in it too, one: when hundreds get their turns at once, a small run must not wait for all of them.
 */
const LOOKS_AT_ONCE = { alone: 10, shared: 1 };
/** Calls of a kind. Two: one that hangs holds nobody else up. */
const CALLS_AT_ONCE = { alone: Infinity, shared: 2 };

const NO_CONNECTION: Connection = { state: 'UNKNOWN', checkAgeSeconds: null, lastConnectedAt: null };

export interface SeenUser {
  readonly connection: Connection;
  readonly tagMatches: boolean;
}

export class FleetObserver {
  readonly #settings: ImageUpgradeInput;
  readonly #agenda: Agenda;
  readonly #lane: Lane;
  readonly #lastLooks: Lane;
  readonly #desktops: Batch<Desktop | null>;
  readonly #connections: Batch<Connection>;
  /** For all of a cohort at its start: not all at once into the limited queue. */
  readonly #firstConnections: Batch<Connection>;
  readonly #users: Batch<SeenUser>;
  readonly #bundles: Batch<Bundle | null>;
  /** What AWS answers to calls that do not get through; null: all is well. */
  retrying: string | null = null;
  readonly #tell = (trouble: string | null): void => void (this.retrying = trouble);

  /** @param shared other cohorts of the run stand in the same queue */
  constructor(settings: ImageUpgradeInput, agenda: Agenda, shared: boolean) {
    this.#settings = settings;
    const beside = shared ? 'shared' : 'alone';
    const width = LOOKS_AT_ONCE[beside];
    const atOnce = CALLS_AT_ONCE[beside];
    this.#lane = new Lane(width);
    this.#lastLooks = new Lane(width);
    this.#agenda = agenda;
    const { target, selection } = settings;
    const keys = [...new Set([...selection.allOf, ...selection.anyOf, ...selection.noneOf].map(({ key }) => key))];
    const calls = workspacesCalls(target);
    // WorkSpaces under rebuild need these two to come to their end.
    const followed = <T>(send: () => Promise<T>): Promise<T> => this.persistently(send, { evenAborted: true });
    this.#desktops = new Batch({
      size: IDS_A_CALL,
      atOnce,
      absent: null,
      send: async (ids) => this.#heard(await followed(() => calls.describeDesktops({ target, ids }))),
    });
    const lookAtConnections = async (ids: readonly string[]): Promise<Answers<Connection>> =>
      this.#heard(await this.persistently(() => calls.describeConnections({ target, ids })));
    const connections = { size: IDS_A_CALL, atOnce, absent: NO_CONNECTION };
    this.#connections = new Batch<Connection>({ ...connections, send: lookAtConnections });
    this.#firstConnections = new Batch<Connection>({
      ...connections,
      send: async (ids) =>
        await this.#lane.pass(async () => {
          this.#agenda.check();
          return await lookAtConnections(ids);
        }),
    });
    this.#bundles = new Batch({
      size: 1,
      atOnce,
      absent: null,
      send: async ([bundleId = '']) => {
        const { at, bundle } = await followed(() => calls.describeBundle({ target, bundleId }));
        this.#agenda.heard(at);
        return { at, values: new Map([[bundleId, bundle]]) };
      },
    });
    this.#users = new Batch({
      size: IDS_A_CALL,
      atOnce,
      absent: { connection: NO_CONNECTION, tagMatches: false },
      send: async (ids) => await this.#lookAtUsers(ids, keys),
    });
  }

  async #lookAtUsers(ids: readonly string[], keys: readonly string[]): Promise<Answers<SeenUser>> {
    const { target, selection } = this.#settings;
    const look = () => workspacesCalls(target).describeUsers({ target, ids, keys });
    const { at, found, tagged } = await this.persistently(look);
    this.#agenda.heard(at);
    const connections = new Map(found.map((each) => [each.workspaceId, each]));
    const tags = new Map(tagged.map((each) => [each.workspaceId, each.tags]));
    const userOf = (id: string): SeenUser => ({
      connection: connections.get(id) ?? NO_CONNECTION,
      tagMatches: keys.length === 0 || tagsMatch(selection, tags.get(id) ?? {}),
    });
    return { at, values: new Map(ids.map((id) => [id, userOf(id)])) };
  }

  /** Null: AWS does not show it. `since`: an answer from then on will do. @throws Interrupted */
  async desktop(workspaceId: string, since?: number): Promise<Desktop | null> {
    return await this.#desktops.ask(workspaceId, since);
  }

  /** All that the user has in the directory, one call each: with those who only wait for their snapshots, but before them. */
  async desktopsOfUser({ directoryId, userName }: Pick<Row, 'directoryId' | 'userName'>): Promise<readonly Desktop[]> {
    const { target } = this.#settings;
    const look = () => workspacesCalls(target).describeOfUser({ target, directoryId, userName });
    const { at, found } = await this.#lane.pass(async () => await this.persistently(look, { evenAborted: true }));
    this.#agenda.heard(at);
    return found;
  }

  /** When `desktop` was last told: AWS's time, epoch milliseconds. */
  desktopSeenAt(workspaceId: string): number {
    return this.#desktops.knownAt(workspaceId);
  }

  /** Takes in WorkSpaces that were looked at otherwise. */
  saw(at: string, desktops: readonly Desktop[]): void {
    this.#desktops.learn(this.#heard({ at, found: desktops }));
  }

  async connection(workspaceId: string): Promise<Connection> {
    return await this.#connections.ask(workspaceId);
  }

  /** For a WorkSpace that only waits. */
  async firstConnection(workspaceId: string): Promise<Connection> {
    return await this.#firstConnections.ask(workspaceId);
  }

  /** For a last look: who is connected, and whether it carries the tags that it was selected by. */
  async user(workspaceId: string): Promise<SeenUser> {
    return await this.#users.ask(workspaceId);
  }

  async bundle(since?: number): Promise<Bundle | null> {
    return await this.#bundles.ask(this.#settings.bundleId, since);
  }

  /** The times of the snapshots that a rebuild can use. */
  async snapshots(workspaceId: string, { hurry = true } = {}): Promise<readonly string[]> {
    return await this.#lane.pass(async () => await this.#lookAtSnapshots(workspaceId), hurry);
  }

  /** The same, before those who only wait: for a WorkSpace that has its turn. */
  async lastSnapshots(workspaceId: string): Promise<readonly string[]> {
    return await this.#lastLooks.pass(async () => await this.#lookAtSnapshots(workspaceId));
  }

  async #lookAtSnapshots(workspaceId: string): Promise<readonly string[]> {
    this.#agenda.check();
    const { target } = this.#settings;
    const look = () => workspacesCalls(target).describeSnapshots({ target, workspaceId });
    const { at, snapshots } = await this.persistently(look);
    this.#agenda.heard(at);
    return snapshots;
  }

  /**
   * Repeats a call until it gets through or AWS says something that will not pass. An abort ends it unless it is for what
   * is under way. `stateToo`: a state that does not allow the call is waited for as well. @throws Interrupted
   */
  async persistently<T>(send: () => Promise<T>, { evenAborted = false, stateToo = true } = {}): Promise<T> {
    return await persistently(send, { agenda: this.#agenda, tell: this.#tell, evenAborted, stateToo });
  }

  async run(): Promise<void> {
    await Promise.all(this.#batches().map((batch) => batch.run()));
  }

  stop(): void {
    for (const batch of this.#batches()) batch.stop();
  }

  #batches(): readonly Batch<never>[] {
    return [
      this.#desktops,
      this.#connections,
      this.#firstConnections,
      this.#users,
      this.#bundles,
    ] as unknown as Batch<never>[];
  }

  #heard<V extends { readonly workspaceId: string }>(reply: { readonly at: string; readonly found: readonly V[] }) {
    this.#agenda.heard(reply.at);
    return { at: reply.at, values: new Map(reply.found.map((each) => [each.workspaceId, each])) };
  }
}
