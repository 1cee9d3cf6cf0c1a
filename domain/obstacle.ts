/** What stands in the way of a copy, or of a change of the original, and what a person can do. */

/**
 * A sentence each: what is wrong, and what a person can do; `statement` is the policy statement that is missing, as JSON, a
 * line each where several obstacles are told as one.
 */
export interface Obstacle {
  readonly code: ObstacleCode;
  readonly message: string;
  readonly remedy: string;
  readonly statement: string | null;
}

export type ObstacleCode =
  /** AWS cannot copy this: no person can mend it. */
  | 'unsupported'
  | 'continuous'
  | 'cold'
  | 'noVault'
  | 'vaultPolicy'
  | 'organization'
  | 'crossAccountOff'
  | 'optedOut'
  | 'key'
  | 'lock'
  | 'expiresTooSoon'
  | 'accessDenied'
  | 'quota'
  | 'copyFailed'
  | 'verification'
  | 'sourceGone'
  | 'legalHold'
  | 'snapshotLock'
  | 'unknown';
