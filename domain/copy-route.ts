/** What stands in the way of a copy before it is started: what AWS would say hours later, and in fewer words. */
import type { Lifecycle, Obstacle, PointFacts, VaultRef } from './custody.ts';

/** What the worker's role may not read is not known, and never an obstacle: AWS decides when the copy is made. */
export type Known<Value> = Value | 'notReadable';

/** A vault lock in force. */
export interface VaultLock {
  readonly minRetentionDays: number | null;
  readonly maxRetentionDays: number | null;
  /** From then on nobody can take it off; null: whoever is allowed to can, at any time (governance mode). */
  readonly lockDate: string | null;
}

export interface VaultFacts {
  /** `BACKUP_VAULT`, `LOGICALLY_AIR_GAPPED_BACKUP_VAULT`, … */
  readonly type: string;
  /** `AVAILABLE` is usable; AWS leaves it out for old vaults. */
  readonly state: string | null;
  readonly keyArn: string | null;
  /** Null: it has none. */
  readonly lock: VaultLock | null;
}

export interface KeyFacts {
  readonly arn: string;
  /** `AWS`: its policy is AWS's own, and lets no other account use it. */
  readonly manager: 'AWS' | 'CUSTOMER';
  /** `Enabled` is usable. */
  readonly state: string;
  /** As AWS has it, JSON. */
  readonly policy: Known<string>;
}

/** What an activity reads for one hop. */
export interface RouteFacts {
  /** The destination's; null: there is none. */
  readonly vault: Known<VaultFacts | null>;
  /** The destination vault's, JSON; null: it has none. */
  readonly accessPolicy: Known<string | null>;
  /** `o-…`; null: the account is in none. */
  readonly organizations: { readonly source: Known<string | null>; readonly destination: Known<string | null> };
  /** The organization's setting isCrossAccountBackupEnabled. */
  readonly crossAccount: Known<boolean>;
  /** Whether the Region's settings have AWS Backup look after the type. */
  readonly optedIn: { readonly source: Known<boolean>; readonly destination: Known<boolean> };
  /** Of the point that is copied; null: it is not encrypted. */
  readonly sourceKey: Known<KeyFacts | null>;
  /** Of the destination vault. */
  readonly destinationKey: Known<KeyFacts | null>;
  /** The role that StartCopyJob names, in the source's account. */
  readonly backupRoleArn: string;
}

export interface RouteCheck {
  /** The point that is copied: of a second hop, the first one's copy. */
  readonly facts: PointFacts;
  readonly to: VaultRef;
  /** Of the copy; null: as the point's. */
  readonly lifecycle: Lifecycle | null;
  readonly route: RouteFacts;
  /** AWS's time. */
  readonly now: string;
}

/** Everything that stands in the way, as far as it can be read; empty: nothing does. */
export function routeObstacles(_check: RouteCheck): Obstacle[] {
  return [];
}
