/**
 * What a service of the embedded AWS is, and what it is given.
 *
 * A service is a table of operations over plain data. The protocol edge has already read the request by the SDK's schema
 * and checked it against botocore's constraints; it writes the reply by the schema too. A service never sees HTTP.
 */
import type { Blobs } from './blobs.ts';
import type { VirtualClock } from './clock.ts';
import type { FaultRules } from './faults.ts';
import type { Random } from './random.ts';
import type { Store } from './store.ts';

export interface World {
  readonly clock: VirtualClock;
  readonly faults: FaultRules;
  /** Plain JSON rows, by account, Region and table; survives a restart when the sandbox has a folder. */
  readonly store: Store;
  /** S3's bytes. */
  readonly blobs: Blobs;
  /** As in AWS_ENDPOINT_URL: addresses that services hand out begin with it. */
  readonly endpoint: string;
  /** Aborted when the sandbox closes: nothing is waited for any longer. */
  readonly closing: AbortSignal;
  /** A stream of numbers that depends on the sandbox's seed and this name only, whatever else was drawn before. */
  random(name: string): Random;
}

/** One request, as its operation sees it. Times are milliseconds since the epoch on the virtual clock. */
export interface Call {
  readonly world: World;
  readonly account: string;
  readonly region: string;
  /** The access key of the SigV4 credential scope; STS hands out keys that belong to a role's account. */
  readonly accessKeyId: string;
  readonly requestId: string;
  readonly now: number;
  /** The instant a read shows: `now`, or earlier where a stale-read rule applies. Effects always use `now`. */
  readonly asOf: number;
}

// The shapes are the SDK's; the edge has checked them by its schemas before an operation runs.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Operation = (input: any, call: Call) => object | Promise<object>;

export interface Service {
  /**
   * As in the SigV4 credential scope: `workspaces`, `tagging`, `ssm`, `s3`, `sns`, `sqs`, `sts`, `cloudformation`, `kms`,
   * `servicequotas`, `organizations`, `backup`, `ec2`, `rds`, `dynamodb`.
   */
  readonly signingName: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** The tokens of a bucket shared by all operations of one account and Region; absent: no throttle. */
  readonly rate?: { readonly perSecond: number; readonly burst: number };
}

/** An error in AWS's words; the edge writes it in the protocol's shape. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly status: number;
  /** Members of the modelled exception besides its message. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}
