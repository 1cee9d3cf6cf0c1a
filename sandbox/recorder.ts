/** One call as the edge saw it. */
export interface RecordedCall {
  /** Virtual milliseconds since the epoch. */
  readonly at: number;
  readonly service: string;
  readonly operation: string;
  readonly account: string;
  readonly region: string;
  /** `ok`, `throttle`, `resetBefore`, `resetAfter`, or AWS's error code. */
  readonly outcome: string;
  /** Ids and ARNs that stand in the input; for S3 the bucket and `bucket/key`. */
  readonly resources: readonly string[];
}

export interface CallFilter {
  readonly service?: string | undefined;
  readonly operation?: string | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly outcome?: string | undefined;
  readonly resource?: string | undefined;
}

/** So many calls are kept; the oldest go first, so that a sandbox that stays up for weeks does not grow for ever. */
const KEPT = 500_000;

/** Every call the sandbox answered (or cut): that is how call budgets and least-privilege policies are proven. */
export class Recorder {
  #calls: RecordedCall[] = [];
  /** One copy of each name: a fleet's ids come back in thousands of calls, each time as new strings. */
  readonly #names = new Map<string, string>();

  add(call: RecordedCall): void {
    const [account, region, ...resources] = this.#shared([call.account, call.region, ...call.resources]);
    this.#calls.push({ ...call, account: account ?? '', region: region ?? '', resources });
    if (this.#calls.length > KEPT * 1.1) {
      this.#calls = this.#calls.slice(-KEPT);
      this.#names.clear();
    }
  }

  /** In the order they ended. */
  calls(filter: CallFilter = {}): readonly RecordedCall[] {
    return this.#calls.filter((call) => matches(call, filter));
  }

  count(filter: CallFilter = {}): number {
    return this.calls(filter).length;
  }

  /** Counts by `service:Operation`, as in an IAM action. */
  countsByOperation(filter: CallFilter = {}): Record<string, number> {
    return tally(this.calls(filter).map((call) => `${call.service}:${call.operation}`));
  }

  /** Counts by resource; a call that names five WorkSpaces counts for each of them. */
  countsByResource(filter: CallFilter = {}): Record<string, number> {
    return tally(this.calls(filter).flatMap((call) => call.resources));
  }

  clear(): void {
    this.#calls = [];
    this.#names.clear();
  }

  #shared(names: readonly string[]): string[] {
    return names.map((name) => {
      const known = this.#names.get(name);
      if (known === undefined) this.#names.set(name, name);
      return known ?? name;
    });
  }
}

function matches(call: RecordedCall, { resource, ...exact }: CallFilter): boolean {
  if (resource !== undefined && !call.resources.includes(resource)) return false;
  return Object.entries(exact).every(
    ([key, value]) => value === undefined || call[key as keyof RecordedCall] === value,
  );
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
