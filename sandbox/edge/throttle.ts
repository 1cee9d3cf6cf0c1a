import type { VirtualClock } from '../clock.ts';
import type { Service } from '../service.ts';

/** Token buckets on the virtual clock, one for each service, account and Region. */
export class Throttle {
  readonly #clock: VirtualClock;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Takes a token; false when there is none. */
  admit(service: Service, account: string, region: string): boolean {
    if (!service.rate) return true;
    const { perSecond, burst } = service.rate;
    const key = `${service.signingName}/${account}/${region}`;
    const now = this.#clock.now();
    const last = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, last.tokens + ((now - last.at) / 1000) * perSecond);
    const admitted = tokens >= 1;
    this.#buckets.set(key, { tokens: admitted ? tokens - 1 : tokens, at: now });
    return admitted;
  }
}
