/** AWS's time in a workflow that waits for few things: known from replies, moved on by what was slept through. */
import { condition } from '@temporalio/workflow';

export class AwsClock {
  readonly #kept: { now: string };

  /** @param kept where the time is kept, ISO; empty until AWS's first answer */
  constructor(kept: { now: string }) {
    this.#kept = kept;
  }

  get now(): string {
    return this.#kept.now;
  }

  heard(at: string): void {
    if (at > this.#kept.now) this.#kept.now = at;
  }

  /** Milliseconds. */
  until(instant: string): number {
    return Math.max(0, Date.parse(instant) - Date.parse(this.now));
  }

  /** @returns whether it came to be so within that time */
  async wait(isSo: () => boolean, milliseconds: number): Promise<boolean> {
    if (milliseconds === Infinity) {
      await condition(isSo);
      return true;
    }
    const before = this.now;
    const wait = Math.max(1, Math.round(milliseconds));
    if (await condition(isSo, wait)) return true;
    // Others may have heard of a later time meanwhile, or slept through the same.
    if (before !== '') this.heard(new Date(Date.parse(before) + wait).toISOString());
    return false;
  }
}
