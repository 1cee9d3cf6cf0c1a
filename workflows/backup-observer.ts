/** What a backup sees of its WorkSpaces and images, with as few calls as it can be: many ids a call, and only when asked. */
import type { BackupMember } from '../domain/backup-eligibility.ts';
import { IDS_A_CALL, IMAGES_A_CALL } from '../domain/call-sizes.ts';
import type { ImageState } from '../activities/images.ts';
import type { Target } from '../domain/target.ts';
import { imageReads, workspacesCalls } from './activities.ts';
import type { Agenda } from './agenda.ts';
import { Batch, type Answers } from './batches.ts';
import { persistently } from './persistently.ts';

export class BackupObserver {
  readonly #agenda: Agenda;
  readonly #members: Batch<BackupMember | null>;
  readonly #connected: Batch<boolean>;
  readonly #images: Batch<ImageState | null>;
  /** What AWS answers to calls that do not get through; null: all is well. */
  retrying: string | null = null;
  readonly #tell = (trouble: string | null): void => void (this.retrying = trouble);

  constructor(target: Target, agenda: Agenda) {
    this.#agenda = agenda;
    // What is under way needs all of these to come to its end.
    const reads = imageReads(target);
    this.#members = new Batch({
      size: IDS_A_CALL,
      absent: null,
      send: async (ids) => {
        const { at, found } = await this.persistently(() => reads.describeBackupMembers({ target, of: { ids } }));
        return this.#heard(at, found, ({ workspaceId }) => workspaceId);
      },
    });
    this.#connected = new Batch({
      size: IDS_A_CALL,
      absent: false,
      send: async (ids) => {
        const { at, found } = await this.persistently(() =>
          workspacesCalls(target).describeConnections({ target, ids }),
        );
        const states = this.#heard(at, found, ({ workspaceId }) => workspaceId).values;
        return { at, values: new Map([...states].map(([id, { state }]) => [id, state === 'CONNECTED'])) };
      },
    });
    this.#images = new Batch({
      size: IMAGES_A_CALL,
      absent: null,
      send: async (imageIds) => {
        const { at, found } = await this.persistently(() => reads.lookAtImages({ target, imageIds }));
        return this.#heard(at, found, ({ imageId }) => imageId);
      },
    });
  }

  /** Null: AWS does not show it. @throws Interrupted */
  async member(workspaceId: string): Promise<BackupMember | null> {
    return await this.#members.ask(workspaceId);
  }

  async isConnected(workspaceId: string): Promise<boolean> {
    return await this.#connected.ask(workspaceId);
  }

  /** Null: AWS does not show it. @throws Interrupted */
  async image(imageId: string): Promise<ImageState | null> {
    return await this.#images.ask(imageId);
  }

  /** Repeats a call until it gets through or AWS says something that will not pass, also when aborted. @throws Interrupted */
  async persistently<T>(send: () => Promise<T>): Promise<T> {
    return await persistently(send, { agenda: this.#agenda, tell: this.#tell, evenAborted: true, stateToo: true });
  }

  async run(): Promise<void> {
    await Promise.all(this.#batches().map((batch) => batch.run()));
  }

  stop(): void {
    for (const batch of this.#batches()) batch.stop();
  }

  #batches(): readonly Batch<never>[] {
    return [this.#members, this.#connected, this.#images] as unknown as Batch<never>[];
  }

  #heard<V>(at: string, found: readonly V[], idOf: (value: V) => string): Answers<V> {
    this.#agenda.heard(at);
    return { at, values: new Map(found.map((each) => [idOf(each), each])) };
  }
}
