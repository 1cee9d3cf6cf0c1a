import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { appendFile, copyFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** S3's bytes: one file each, under names that nobody else knows. */
export class Blobs {
  readonly #folder: string;
  readonly #isTemporary: boolean;

  /** @param folder kept; absent: a temporary one that `close` removes. */
  constructor(folder?: string) {
    this.#isTemporary = folder === undefined;
    this.#folder = folder ?? mkdtempSync(join(tmpdir(), 'holdfast-sandbox-'));
    mkdirSync(this.#folder, { recursive: true });
  }

  /** Writes new bytes; the answer names them. */
  async write(bytes: Uint8Array): Promise<string> {
    const name = randomUUID();
    await writeFile(this.#path(name), bytes);
    return name;
  }

  /** Joins blobs into a new one; they stay. */
  async join(names: readonly string[]): Promise<string> {
    const [first, ...rest] = names;
    if (first === undefined) return this.write(new Uint8Array());
    const joined = randomUUID();
    await copyFile(this.#path(first), this.#path(joined));
    for (const name of rest) {
      for await (const chunk of this.read(name)) await appendFile(this.#path(joined), chunk as Buffer);
    }
    return joined;
  }

  /** @param range first and last byte, both included. */
  read(name: string, range?: { start: number; end: number }): Readable {
    return createReadStream(this.#path(name), range);
  }

  async remove(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => rm(this.#path(name), { force: true })));
  }

  close(): void {
    if (this.#isTemporary) rmSync(this.#folder, { recursive: true, force: true });
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}
