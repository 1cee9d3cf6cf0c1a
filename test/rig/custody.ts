/** Recovery points in a world of several accounts in the sandbox, a worker that serves all of them, and custodies there. */
import assert from 'node:assert/strict';
import { BackupClient, DescribeCopyJobCommand, StartCopyJobCommand } from '@aws-sdk/client-backup';
import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import {
  CUSTODY_DEFAULTS,
  custodyId,
  vaultArn,
  type CustodyInput,
  type CustodyOutcome,
  type CustodyPolicy,
  type CustodyRule,
  type CustodyState,
  type LegRule,
  type PointRef,
} from '../../domain/custody.ts';
import { ANY_POINT } from '../../domain/custody-state.ts';
import { TASK_QUEUE, type Target } from '../../domain/target.ts';
import {
  BACKUP_WORLD,
  seedBackupWorld,
  seedPoints,
  type BackupWorldSpec,
  type PointsSpec,
} from '../../sandbox/backup-world.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { points, type LegalHold, type Place, type Point } from '../../sandbox/services/backup/rows.ts';
import { seedPoint } from '../../sandbox/services/backup/seeds.ts';
import { paceOf } from '../../sandbox/temporal/pace.ts';
import type { ServedTarget } from '../../worker/aws-clients.ts';
import type { IntakeOptions } from '../../worker/intake.ts';
import { startWorker, type RunningWorker } from '../../worker/worker.ts';
import type { custody } from '../../workflows/custody.ts';
import { custodyStatusQuery, resumeCustodyUpdate, type CustodyStatus } from '../../workflows/custody.messages.ts';
import { testTemporal, type TestTemporal } from './temporal.ts';
import { bundleFor, pointAwsAt, waitUntil, workersOf, type RigWorkers } from './upgrade.ts';

export const SOURCE: Target = { account: WELL_KNOWN.account, region: WELL_KNOWN.region };
export const BACKUP: Target = { account: BACKUP_WORLD.backupAccount, region: 'eu-central-1' };
export const SECOND: Target = { account: BACKUP_WORLD.backupAccount, region: 'eu-west-1' };
export const VAULT = BACKUP_WORLD.vault;

const roleOf = ({ account }: Target): string => `arn:aws:iam::${account}:role/holdfast`;

/** What the worker serves: its own account, and the backup account by a role. */
export const SERVED: readonly ServedTarget[] = [
  SOURCE,
  { ...SOURCE, region: 'eu-west-1' },
  ...[BACKUP, SECOND].map((target) => ({ ...target, roleArn: roleOf(target) })),
];

export interface CustodyRigOptions {
  /** @default 1000 */
  readonly speed?: number;
  /** @default 1 */
  readonly seed?: number;
  /** AWS's time when it starts, ISO. @default 2026-03-02T08:00:00Z, a Monday */
  readonly startTime?: string;
  /** False: the test starts its workers itself. @default true */
  readonly worker?: boolean;
  /** @default the server of the whole test run */
  readonly temporal?: TestTemporal;
  /** The programs that restore tests may run. @default none */
  readonly checkCommands?: readonly (readonly string[])[];
  /** The queues that workers read. @default none */
  readonly intake?: (sandbox: Sandbox) => IntakeOptions;
  /** @default a world in which every copy succeeds */
  readonly backupWorld?: BackupWorldSpec;
  /** Recovery points in the source's vault. @default none */
  readonly points?: readonly PointsSpec[];
  /** What else is there before the worker starts. */
  readonly world?: (sandbox: Sandbox) => void;
}

export interface CustodyRig extends RigWorkers {
  readonly sandbox: Sandbox;
  readonly client: Client;
  readonly address: string;
  readonly speed: number;
  /** In the order in which they were asked for. */
  readonly points: readonly Point[];
}

export async function startCustodyRig(options: CustodyRigOptions): Promise<CustodyRig> {
  const { speed = 1000, seed = 1, startTime = '2026-03-02T08:00:00Z' } = options;
  const [{ address, namespace, client }, workflowBundle] = await Promise.all([
    options.temporal ?? testTemporal(),
    bundleFor(speed),
  ]);
  const sandbox = await startSandbox({ seed, speed, startTime });
  sandbox.clock.pause();
  seedBackupWorld(sandbox.world, options.backupWorld);
  const seeded = (options.points ?? []).flatMap((spec) => seedPoints(sandbox.world, spec));
  options.world?.(sandbox);
  pointAwsAt(sandbox.endpoint);
  const start = (): Promise<RunningWorker> => {
    const intake = options.intake?.(sandbox);
    return startWorker({
      address,
      namespace,
      targets: SERVED,
      pace: paceOf(speed),
      workflowBundle,
      ...(intake && { intake }),
      ...(options.checkCommands && { checkCommands: options.checkCommands }),
    });
  };
  const workers = workersOf({ sandbox, client, knownIds: [], start });
  if (options.worker !== false) await workers.startWorker();
  sandbox.clock.resume();
  return { sandbox, client, address, speed, points: seeded, ...workers };
}

/** A rig for one test, closed whatever becomes of it. */
export async function withCustodyRig(
  options: CustodyRigOptions,
  use: (rig: CustodyRig) => Promise<void>,
): Promise<void> {
  const rig = await startCustodyRig(options);
  try {
    await use(rig);
  } finally {
    await rig.close();
  }
}

export const legTo = (target: Target, changes: Partial<LegRule> = {}): LegRule => ({
  kind: 'copy',
  name: target.region === BACKUP.region ? 'backup' : 'second',
  destination: { ...target, alternateRegion: null, vault: null },
  lifecycle: null,
  route: 'direct',
  deadlineHours: CUSTODY_DEFAULTS.deadlineHours,
  ...changes,
});

export const ruleOf = (changes: Partial<CustodyRule> = {}): CustodyRule => ({
  name: 'nightly',
  match: { ...ANY_POINT, source: 'original' },
  legs: [legTo(BACKUP)],
  then: { kind: 'shorten', days: 7 },
  minRemainingDays: CUSTODY_DEFAULTS.minRemainingDays,
  minSurvivors: CUSTODY_DEFAULTS.minSurvivors,
  ...changes,
});

export const policyOf = (...rules: readonly CustodyRule[]): CustodyPolicy => ({
  name: 'nightly',
  sources: [SOURCE],
  rules: rules.length > 0 ? rules : [ruleOf()],
  evidence: { target: SOURCE, place: { bucket: BACKUP_WORLD.evidenceBucket, prefix: 'custody/', kmsKeyArn: null } },
  backupRole: CUSTODY_DEFAULTS.backupRole,
  operatorTopicArn: null,
  limits: CUSTODY_DEFAULTS.limits,
  fullListingDays: CUSTODY_DEFAULTS.fullListingDays,
});

export const refOf = ({ arn, vault }: Pick<Point, 'arn' | 'vault'>, target: Target = SOURCE): PointRef => ({
  account: target.account,
  region: target.region,
  vault,
  arn,
});

export type Custody = WorkflowHandleWithFirstExecutionRunId<typeof custody>;

/** @param carried what an earlier history knew; absent: this is the first one */
export async function startCustody(
  rig: CustodyRig,
  point: PointRef,
  policy: CustodyPolicy = policyOf(),
  carried?: CustodyState,
): Promise<Custody> {
  const input: CustodyInput = { point, policy, begunBy: 'person' };
  return await rig.client.workflow.start<typeof custody>('custody', {
    workflowId: custodyId(point.arn),
    taskQueue: TASK_QUEUE,
    args: carried ? [input, carried] : [input],
  });
}

export const ANA = { by: 'ana', reason: null };

export const placeOf = ({ sandbox }: Pick<CustodyRig, 'sandbox'>, target = SOURCE): Place => ({
  world: sandbox.world,
  ...target,
});
/** In the order in which they were asked for. */
export const nth = ({ points: asked }: CustodyRig, index: number): Point =>
  asked[index] ?? assert.fail(`there is no point ${index}`);

/** Every point of its account and Region is under it. */
export const HOLD: LegalHold = {
  id: 'hold-1',
  title: 'Case 7',
  description: '',
  createdAt: 0,
  vaults: [],
  resources: [],
  from: null,
  to: null,
  cancelledAt: null,
  cancelDescription: null,
  retainUntil: null,
};

/** A newer point of the resource whose point is the vault's first one. */
export function seedNewer({ world }: Sandbox): void {
  const [first] = points({ world, ...SOURCE }).all;
  if (!first) return;
  const { resourceArn, resourceType } = first;
  seedPoint(world, { ...SOURCE, vault: VAULT, resourceArn, resourceType });
}

/** Starts a copy job that is no custody's, into another vault of the same name, and waits for its end. @returns the copy's ARN */
export async function copyAsOthers(point: Point, deleteAfterDays: number, to = BACKUP): Promise<string> {
  const client = new BackupClient({ region: SOURCE.region });
  const { CopyJobId } = await client.send(
    new StartCopyJobCommand({
      RecoveryPointArn: point.arn,
      SourceBackupVaultName: VAULT,
      DestinationBackupVaultArn: vaultArn({ ...to, vault: VAULT }),
      IamRoleArn: point.roleArn,
      Lifecycle: { DeleteAfterDays: deleteAfterDays },
    }),
  );
  let copyArn = '';
  await waitUntil('the copy is there', async () => {
    const { CopyJob } = await client.send(new DescribeCopyJobCommand({ CopyJobId }));
    copyArn = CopyJob?.DestinationRecoveryPointArn ?? '';
    return CopyJob?.State === 'COMPLETED';
  });
  client.destroy();
  return copyArn;
}

export const resume = (handle: Custody) => handle.executeUpdate(resumeCustodyUpdate, { args: [{ ...ANA, leg: null }] });

/** Waits until it has ended so. */
export const done = (handle: Custody, outcome: CustodyOutcome = 'shortened'): Promise<CustodyStatus> =>
  untilCustody(handle, `it is ${outcome}`, (status) => status.phase === 'done' && status.outcome === outcome);

/** Waits until the status is so. */
export async function untilCustody(
  handle: Custody,
  what: string,
  holds: (status: CustodyStatus) => boolean,
): Promise<CustodyStatus> {
  let last: CustodyStatus | undefined;
  try {
    await waitUntil(what, async () => holds((last = await handle.query(custodyStatusQuery))));
  } catch (error) {
    throw new Error(`${(error as Error).message}; it is ${JSON.stringify(last, null, 1)}`, { cause: error });
  }
  return last as CustodyStatus;
}
