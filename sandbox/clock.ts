/** The virtual clock: AWS's time in the sandbox, which runs `speed` times as fast as the real one. */
export class VirtualClock {
  readonly speed: number;
  #originVirtual: number;
  #originReal: number;
  #paused = false;

  /** @param startTime virtual milliseconds since the epoch at this moment; @param speed virtual seconds a real second. */
  constructor(startTime: number, speed: number) {
    this.speed = speed;
    this.#originVirtual = startTime;
    this.#originReal = performance.now();
  }

  /** Virtual milliseconds since the epoch. */
  now(): number {
    if (this.#paused) return this.#originVirtual;
    return Math.floor(this.#originVirtual + (performance.now() - this.#originReal) * this.speed);
  }

  /** Stops virtual time. Only for tests without an open Temporal wait, which would go on in real time. */
  pause(): void {
    this.#originVirtual = this.now();
    this.#paused = true;
  }

  /** Moves a paused clock on by so many virtual milliseconds. */
  step(milliseconds: number): void {
    if (!this.#paused) throw new Error('step() needs a paused clock: call pause() first');
    this.#originVirtual += milliseconds;
  }

  /**
   * Moves the clock on by so many virtual milliseconds, whether it is paused or not. Waits of Temporal that are open do
   * not follow: it is for the time between runs.
   */
  skip(milliseconds: number): void {
    this.#originVirtual += milliseconds;
  }

  resume(): void {
    this.#originReal = performance.now();
    this.#paused = false;
  }
}
