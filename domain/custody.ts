/**
 * Custody: everything that happens to one recovery point after AWS Backup completed it, and what a policy says of it.
 * The words are AWS Backup's own; a leg is one copy of a custody, a hop one copy job of a leg.
 */
import type { ReportPlace } from './image-upgrade.ts';
import type { Obstacle } from './obstacle.ts';
import type { Tag } from './selection.ts';
import type { SteeringLine } from './steering.ts';
import type { Target } from './target.ts';

export type { Obstacle, ObstacleCode } from './obstacle.ts';

/** Where a recovery point lies, or is to lie. */
export interface VaultRef extends Target {
  readonly vault: string;
}

export interface PointRef extends VaultRef {
  /** The recovery point's ARN. Those of EBS and EC2 name no account. */
  readonly arn: string;
}

/** As AWS Backup has it: days since the creation of the point, which for a copy is that of its source; null: not set. */
export interface Lifecycle {
  readonly moveToColdStorageAfterDays: number | null;
  /** Null: never. */
  readonly deleteAfterDays: number | null;
  /** EBS only. */
  readonly optInToArchive: boolean;
}

/** Which points a rule is for. All parts must hold; an empty list asks for nothing. */
export interface RuleMatch {
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
  readonly vaults: readonly string[];
  /** AWS's own: `EBS`, `RDS`, `Aurora`, `DynamoDB`, `EFS`, `EC2`, `S3`, … */
  readonly resourceTypes: readonly string[];
  readonly allOf: readonly Tag[];
  readonly anyOf: readonly Tag[];
  readonly noneOf: readonly Tag[];
  /** `onDemand`: no backup plan made it. */
  readonly createdBy: 'onDemand' | 'plan' | 'any';
  /**
   * AWS does not tell who made a copy: those out of a vault that the policy looks after or copies to belong to the custody of
   * their original, whatever this says, and no rule may take copies from where a leg leads (`custody-circles.ts`).
   */
  readonly source: 'original' | 'copy' | 'any';
}

/** What becomes of the original when all legs are verified. */
export type Then =
  { readonly kind: 'keep' } | { readonly kind: 'shorten'; readonly days: number } | { readonly kind: 'delete' };

/** One copy that a rule wants. Exports become another kind. */
export interface LegRule {
  readonly kind: 'copy';
  /** Unique within its rule. */
  readonly name: string;
  readonly destination: {
    readonly account: string;
    readonly region: string;
    /** Instead, where the point lies in that Region already; null: there is none. */
    readonly alternateRegion: string | null;
    /** Null: the name of the source's vault. */
    readonly vault: string | null;
  };
  /** Null: as the source's. */
  readonly lifecycle: Lifecycle | null;
  /** `twoHop`: first into the destination's account in the source's Region, then from there. */
  readonly route: 'direct' | 'twoHop';
  readonly deadlineHours: number;
}

export interface CustodyRule {
  readonly name: string;
  readonly match: RuleMatch;
  readonly legs: readonly LegRule[];
  readonly then: Then;
  /** A copy counts as verified only when it is kept at least so many days from now. */
  readonly minRemainingDays: number;
  /** `delete` needs so many verified copies at the least. */
  readonly minSurvivors: number;
}

export interface CustodyPolicy {
  readonly name: string;
  /** The accounts and Regions whose recovery points it looks after. */
  readonly sources: readonly Target[];
  /** In order: the first that matches holds. */
  readonly rules: readonly CustodyRule[];
  /** Where evidence goes: the bucket must be of that account. */
  readonly evidence: { readonly target: Target; readonly place: ReportPlace };
  /** The role that AWS Backup takes to copy and to restore, by name with its path: it must be in each account. */
  readonly backupRole: string;
  readonly operatorTopicArn: string | null;
  /** AWS's quotas: copies at once out of an account's Region to one Region, and beyond them to one vault. */
  readonly limits: { readonly perRegion: number; readonly perVault: number };
  /** A full listing of every vault at least every so many days; otherwise sweeps go by the jobs that ended. */
  readonly fullListingDays: number;
}

export const CUSTODY_DEFAULTS = {
  vault: null,
  deadlineHours: 24,
  /** As the old system: those that no plan made. */
  createdBy: 'onDemand',
  source: 'original',
  /** The old system's NewDeleteAfterDays: the next incremental backup still has a parent. */
  shortenDays: 7,
  minRemainingDays: 1,
  minSurvivors: 2,
  evidencePrefix: 'custody/',
  backupRole: 'service-role/AWSBackupDefaultServiceRole',
  /** https://docs.aws.amazon.com/aws-backup/latest/devguide/aws-backup-limits.html */
  limits: { perRegion: 100, perVault: 5 },
  fullListingDays: 7,
} as const;

/** A recovery point as AWS shows it now. Times are ISO. */
export interface PointFacts {
  readonly ref: PointRef;
  /** AWS's time of the reply. */
  readonly at: string;
  /** `COMPLETED` and `AVAILABLE` are usable. */
  readonly status: string;
  readonly statusMessage: string | null;
  readonly resourceArn: string;
  readonly resourceType: string;
  /** Of a copy: its source's. */
  readonly createdAt: string;
  readonly completedAt: string | null;
  readonly lifecycle: Lifecycle;
  /** As AWS computed them; null: never. */
  readonly moveToColdAt: string | null;
  readonly deleteAt: string | null;
  /** `WARM`, `COLD` or `DELETED`. */
  readonly storageClass: string | null;
  readonly encryptionKeyArn: string | null;
  readonly isEncrypted: boolean;
  readonly sizeBytes: number | null;
  /** Whether a backup plan made it, and which. */
  readonly planId: string | null;
  /** A continuous (point-in-time) one: its status is AVAILABLE and it has no end of creation. */
  readonly isContinuous: boolean;
  /** Of a copy: the vault it was copied from, where AWS says so: `isCopy`. */
  readonly sourceVaultArn: string | null;
  readonly isParent: boolean;
  readonly parentArn: string | null;
  readonly vaultType: string | null;
}

export type HopStep =
  /** Reads what the copy needs, then stands in the queue, is started, followed, verified. */
  'check' | 'queue' | 'start' | 'follow' | 'verify' | 'verified';

/** One copy job of a leg, plain data. */
export interface Hop {
  readonly from: PointRef | null;
  readonly to: VaultRef;
  readonly lifecycle: Lifecycle | null;
  step: HopStep;
  /** Counts copy jobs that AWS ended as failed: each needs a token of its own. */
  attempt: number;
  jobId: string | null;
  jobState: string | null;
  startedAt: string | null;
  /** Made by somebody else, and taken over. */
  adopted: boolean;
  /** The jobs of earlier attempts: what is heard of them is old. */
  earlierJobs: readonly string[];
  /** Its jobs that failed, the last ones; absent: none has. */
  failed?: readonly FailedJob[] | undefined;
  endedAt: string | null;
  copyArn: string | null;
  /** What was read in the destination when it was verified last. */
  verified: PointFacts | null;
  verifiedAt: string | null;
}

export interface FailedJob extends Pick<Hop, 'jobId' | 'jobState' | 'startedAt' | 'endedAt'> {
  /** AWS's. */
  readonly message: string;
}

/** What every kind of leg has. */
export interface Leg {
  readonly rule: LegRule;
  readonly deadlineAt: string;
  hops: Hop[];
  blocked: (Obstacle & { readonly since: string }) | null;
  /** What is tried again; null: nothing. */
  retrying: string | null;
  /** The deadline has passed. */
  overdue: boolean;
  /** The rule that holds since then does not ask for it: nothing more is awaited of it. Null: it is wanted. */
  unwantedSince: string | null;
}

export const CUSTODY_PHASES = [
  /** Reads the point and finds its rule. */
  'opening',
  'copying',
  /** All legs are verified: the original is shortened or deleted, as soon as its gate is open. */
  'settling',
  /** Evidence and index are written. */
  'closing',
  'done',
] as const;
export type CustodyPhase = (typeof CUSTODY_PHASES)[number];

export type CustodyOutcome =
  | 'kept'
  | 'shortened'
  | 'deleted'
  /** No rule is for it. */
  | 'notCovered'
  /** It is a copy, or the child of a composite point: another custody has it, or its parent's. */
  | 'belongsToAnother'
  /** AWS cannot copy it: it was not touched. */
  | 'unsupported'
  /** It is partial, expired or failed: nothing that a custody could rest on. */
  | 'unusable'
  /** It was deleted by somebody else, or by its lifecycle, before the custody came to its end. */
  | 'gone'
  /** A person ended the custody; the original was not touched from then on. */
  | 'released';

/** What is done to the original, and how that was worked out. */
export interface OriginalChange {
  readonly kind: 'shorten' | 'delete';
  readonly before: Lifecycle;
  /** Of a shortening. */
  readonly after: Lifecycle | null;
  /** The arithmetic in words, with its numbers. */
  readonly why: string;
  readonly decidedAt: string;
  /** What was read right before the act: the source, and each survivor. */
  readonly gate: readonly PointFacts[];
  /** When it was asked of AWS: from then on it may be made. Null: it was not. */
  askedAt: string | null;
  doneAt: string | null;
  /** What was read afterwards; null: it is gone. */
  readBack: PointFacts | null;
}

/** All that a custody knows, plain data: what continue-as-new carries over, and evidence shows. */
export interface CustodyState {
  phase: CustodyPhase;
  point: PointFacts | null;
  tags: Readonly<Record<string, string>>;
  /** As it was when the custody began; a changed one holds only when a person asks for it. */
  rule: CustodyRule | null;
  legs: Leg[];
  change: OriginalChange | null;
  /** Why the original waits, such as for a newer point of its resource; null: it does not. */
  waiting: string | null;
  /** What stands in the way of the original's change; null: nothing. */
  blocked: (Obstacle & { readonly since: string }) | null;
  retrying: string | null;
  outcome: CustodyOutcome | null;
  /** Why it ended so. */
  reason: string | null;
  openedAt: string | null;
  closedAt: string | null;
  /** How many versions of the evidence are written, and the last one's hash. */
  evidence: { versions: number; sha256: string | null; key: string | null };
  /** What people did. */
  steering: SteeringLine[];
  /** AWS's time, as last heard. */
  now: string;
}

export type CustodyHealth = 'ok' | 'retrying' | 'blocked' | 'overdue';

export interface CustodyInput {
  readonly point: PointRef;
  readonly policy: CustodyPolicy;
  /** What it was begun by. */
  readonly begunBy: 'event' | 'reconciler' | 'person';
}

export interface CustodyResult {
  readonly outcome: CustodyOutcome;
  readonly reason: string;
}

/** A hint that something happened to the point or its copies; the truth is read from AWS. */
export interface CustodyHint {
  readonly kind: 'point' | 'copyJob';
  /** Of a copy job. */
  readonly copyJobId: string | null;
  readonly state: string | null;
  readonly destinationVaultArn: string | null;
  readonly copyArn: string | null;
  readonly message: string | null;
}

/** A copy job as AWS shows it. */
export interface CopyJobSeen {
  readonly jobId: string;
  /** `CREATED`, `RUNNING`, `COMPLETED`, `FAILED` or `PARTIAL`. */
  readonly state: string;
  readonly message: string | null;
  /** What is copied. */
  readonly pointArn: string;
  readonly destinationVaultArn: string;
  readonly copyArn: string | null;
  readonly createdAt: string;
  readonly endedAt: string | null;
}

export const custodyId = (pointArn: string): string => `custody/${pointArn}`;
export const pointOfCustody = (workflowId: string): string => workflowId.replace(/^custody\//, '');

export const vaultArn = ({ account, region, vault }: VaultRef): string =>
  `arn:aws:backup:${region}:${account}:backup-vault:${vault}`;

/** Undefined: it is none. */
export function vaultOfArn(arn: string): VaultRef | undefined {
  const [, , service, region = '', account = '', kind, vault = ''] = arn.split(':');
  return service === 'backup' && kind === 'backup-vault' && vault !== '' ? { account, region, vault } : undefined;
}

export const isUsable = (status: string): boolean => status === 'COMPLETED' || status === 'AVAILABLE';

/** Archiving says nothing where nothing moves to cold storage. */
export const isSameLifecycle = (a: Lifecycle, b: Lifecycle): boolean =>
  a.deleteAfterDays === b.deleteAfterDays &&
  a.moveToColdStorageAfterDays === b.moveToColdStorageAfterDays &&
  (a.moveToColdStorageAfterDays === null || a.optInToArchive === b.optInToArchive);

/** AWS was asked for it, and what came of that is not seen yet: nobody can say that the original is as it was. */
export const isUnderWay = (change: OriginalChange | null): boolean =>
  change !== null && change.askedAt !== null && change.doneAt === null;

/** The worst of its parts. */
export function healthOf(state: Pick<CustodyState, 'legs' | 'blocked' | 'retrying'>): CustodyHealth {
  if (state.blocked ?? state.legs.some((leg) => leg.blocked)) return 'blocked';
  if (state.legs.some((leg) => leg.overdue)) return 'overdue';
  return (state.retrying ?? state.legs.some((leg) => leg.retrying !== null)) ? 'retrying' : 'ok';
}
