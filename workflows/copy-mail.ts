/** What reaches a workflow that copies: turns of the queue, hints, and people's word to go on. */
import type { CustodyHint } from '../domain/custody.ts';

export class CopyMail {
  readonly #granted = new Set<string>();
  #hints: CustodyHint[] = [];
  readonly #resumed = new Map<string, number>();
  #resumedAll = 0;
  readonly #unheard = new Set<string>();

  grant(destinationVaultArn: string): void {
    this.#granted.add(destinationVaultArn);
  }

  isGranted(destinationVaultArn: string): boolean {
    return this.#granted.has(destinationVaultArn);
  }

  useUp(destinationVaultArn: string): void {
    this.#granted.delete(destinationVaultArn);
  }

  /** Sweeps tell the same again: what lies here already is heard once. */
  hint(hint: CustodyHint): void {
    if (!this.#hints.some((each) => isSame(each, hint))) this.#hints.push(hint);
  }

  /** The first hint of that kind, and to that vault where one is given; undefined: there is none. */
  peek(kind: CustodyHint['kind'], destinationVaultArn: string | null = null): CustodyHint | undefined {
    return this.#hints.find(
      (hint) =>
        hint.kind === kind && (destinationVaultArn === null || hint.destinationVaultArn === destinationVaultArn),
    );
  }

  take(kind: CustodyHint['kind'], destinationVaultArn: string | null = null): CustodyHint | undefined {
    const first = this.peek(kind, destinationVaultArn);
    this.#hints = this.#hints.filter((hint) => hint !== first);
    return first;
  }

  /** @param leg by name; null: all that waits for a person */
  resume(leg: string | null): void {
    if (leg === null) this.#resumedAll += 1;
    else this.#resumed.set(leg, (this.#resumed.get(leg) ?? 0) + 1);
  }

  /** Moves on whenever the leg is to be tried again. */
  resumed(leg: string): number {
    return this.#resumedAll + (this.#resumed.get(leg) ?? 0);
  }

  /** What was said when nobody listened any more, at the end of the history before: the next to listen hears it. */
  carry(legs: readonly string[]): void {
    for (const leg of legs) this.#unheard.add(leg);
  }

  /** @returns whether a person has said since that the leg is to be tried again */
  listen(leg: string): () => boolean {
    const isCarried = this.#unheard.delete(leg);
    const before = this.resumed(leg);
    return () => isCarried || this.resumed(leg) !== before;
  }
}

const isSame = (one: CustodyHint, other: CustodyHint): boolean =>
  one.kind === other.kind &&
  one.copyJobId === other.copyJobId &&
  one.state === other.state &&
  one.destinationVaultArn === other.destinationVaultArn &&
  one.copyArn === other.copyArn;
