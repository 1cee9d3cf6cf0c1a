/**
 * - `throttle`: the service's throttling error; `error`: a 5xx (`code`, `status`) or any other AWS error.
 * - `resetBefore`, `resetAfter`: the connection is cut before the effect, or after it and before the reply.
 * - `slow`: the reply waits `seconds` (virtual). `stale`: a read shows the state of `seconds` ago.
 * - `refuse`: one item of a WorkSpaces request is refused in `FailedRequests` (`code`, `message`).
 * - `stuck`, `fail`: asked by the services: what was started never ends, or ends in failure (`code`).
 */
export type FaultKind =
  'throttle' | 'error' | 'resetBefore' | 'resetAfter' | 'slow' | 'stale' | 'refuse' | 'stuck' | 'fail';

export interface FaultRule {
  readonly kind: FaultKind;
  /** Signing name; absent: any. */
  readonly service?: string;
  readonly operation?: string;
  /** An id that stands anywhere in the request. */
  readonly resource?: string;
  /** @default 1 */
  readonly probability?: number;
  /** How often the rule applies at most. @default unlimited */
  readonly count?: number;
  /** For so many seconds (virtual) from when it is added. @default for ever */
  readonly lastsSeconds?: number;
  readonly seconds?: number;
  readonly code?: string;
  readonly message?: string;
  readonly status?: number;
}

export interface FaultRules {
  /** Adds a rule; the answer removes it. */
  add(rule: FaultRule): () => void;
  clear(): void;
  /** The first rule of these kinds that applies to this request, counted as used. */
  take(
    kinds: readonly FaultKind[],
    where: { service: string; operation: string; input: unknown },
  ): FaultRule | undefined;
}
