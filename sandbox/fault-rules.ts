import type { VirtualClock } from './clock.ts';
import type { FaultKind, FaultRule, FaultRules } from './faults.ts';
import type { Random } from './random.ts';
import { seededRandom } from './random.ts';
import { stringsIn } from './request-strings.ts';

interface ActiveRule {
  readonly rule: FaultRule;
  readonly random: Random;
  left: number;
  /** Virtual milliseconds since the epoch. */
  readonly until: number;
}

/** Faults by rule. Each rule draws from its own seeded stream, so that one rule's luck does not depend on another's. */
export class ScriptedFaults implements FaultRules {
  readonly #seed: number;
  readonly #clock: VirtualClock;
  #rules: ActiveRule[] = [];
  #added = 0;

  constructor(seed: number, clock: VirtualClock) {
    this.#seed = seed;
    this.#clock = clock;
  }

  add(rule: FaultRule): () => void {
    const random = seededRandom(this.#seed, `fault/${this.#added++}`);
    const active = {
      rule,
      random,
      left: rule.count ?? Infinity,
      until: this.#clock.now() + (rule.lastsSeconds ?? Infinity) * 1000,
    };
    this.#rules.push(active);
    return () => {
      this.#rules = this.#rules.filter((other) => other !== active);
    };
  }

  clear(): void {
    this.#rules = [];
  }

  take(
    kinds: readonly FaultKind[],
    where: { service: string; operation: string; input: unknown },
  ): FaultRule | undefined {
    for (const active of this.#rules) {
      if (active.left <= 0 || this.#clock.now() >= active.until) continue;
      if (!kinds.includes(active.rule.kind) || !applies(active.rule, where)) continue;
      if (active.random.next() >= (active.rule.probability ?? 1)) continue;
      active.left -= 1;
      return active.rule;
    }
    return undefined;
  }
}

function applies(rule: FaultRule, where: { service: string; operation: string; input: unknown }): boolean {
  if (rule.service !== undefined && rule.service !== where.service) return false;
  if (rule.operation !== undefined && rule.operation !== where.operation) return false;
  return rule.resource === undefined || stringsIn(where.input).includes(rule.resource);
}
