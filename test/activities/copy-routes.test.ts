import assert from 'node:assert/strict';
import { DescribeCopyJobCommand, StartCopyJobCommand } from '@aws-sdk/client-backup';
import { KMSClient } from '@aws-sdk/client-kms';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { ApplicationFailure } from '@temporalio/activity';
import { readPoint } from '../../activities/backup-points.ts';
import { createCopyRoutesActivities } from '../../activities/copy-routes.ts';
import { routeObstacles } from '../../domain/copy-route.ts';
import { CUSTODY_DEFAULTS, vaultArn, type Lifecycle, type VaultRef } from '../../domain/custody.ts';
import type { Target } from '../../domain/target.ts';
import { seedBackupWorld, seedPoints, type BackupWorldSpec, type PointsSpec } from '../../sandbox/backup-world.ts';
import { BACKUP, DAY_MS, HERE, ROLE, SOURCE, startBackup, THERE, type BackupRig } from '../sandbox/backup/rig.ts';
import { optionsFor } from '../sandbox/edge/rig.ts';

interface Case {
  readonly title: string;
  readonly world?: BackupWorldSpec;
  readonly point?: Partial<PointsSpec>;
  readonly to?: Target;
  readonly days?: number | null;
  /** Empty: the copy is made. */
  readonly codes: readonly string[];
}

const lock = { minRetentionDays: 30, maxRetentionDays: 60, lockDate: null };
const ABROAD = { account: BACKUP, region: THERE };

const CASES: readonly Case[] = [
  { title: 'an EBS snapshot in a world as it should be', codes: [] },
  { title: 'an EBS snapshot into another account and Region at once', to: ABROAD, codes: [] },
  { title: 'a database into another account and Region at once', point: { type: 'RDS' }, to: ABROAD, codes: [] },
  {
    title: 'a fully managed type with keys of AWS’s own',
    point: { type: 'EFS' },
    world: { awsManagedSourceKey: true, awsManagedDestinationKey: true },
    codes: [],
  },
  { title: 'a retention that fits the vault’s lock', world: { destinationLock: lock }, days: 60, codes: [] },
  { title: 'another organization', world: { otherOrganization: true }, codes: ['organization'] },
  { title: 'copies across accounts that are off', world: { crossAccountOff: true }, codes: ['crossAccountOff'] },
  { title: 'a vault that is not there', world: { noDestinationVault: true }, codes: ['noVault'] },
  { title: 'a vault that lets nobody in', world: { noDestinationPolicy: true }, codes: ['vaultPolicy'] },
  { title: 'a type that is not opted in', world: { optedOut: ['EBS'] }, codes: ['optedOut', 'optedOut'] },
  { title: 'a source key of AWS’s own', world: { awsManagedSourceKey: true }, codes: ['key'] },
  { title: 'a source key that is not shared', world: { sourceKeyNotShared: true }, codes: ['key'] },
  { title: 'a source key that is disabled', world: { sourceKeyDisabled: true }, codes: ['key'] },
  { title: 'a vault with a key of AWS’s own', world: { awsManagedDestinationKey: true }, codes: ['key'] },
  { title: 'a lock that the retention is too short for', world: { destinationLock: lock }, days: 29, codes: ['lock'] },
  { title: 'a lock that the retention is too long for', world: { destinationLock: lock }, days: 61, codes: ['lock'] },
  {
    title: 'a lock that takes nothing without an end',
    world: { destinationLock: lock },
    point: { lifecycle: {} },
    days: null,
    codes: ['lock'],
  },
  { title: 'a type that AWS does not copy', point: { type: 'Redshift' }, codes: ['unsupported'] },
];

describe('describeRoute', () => {
  let rig: BackupRig;
  const closing: { destroy(): void }[] = [];
  beforeEach(async () => {
    rig = await startBackup();
  });
  afterEach(async () => {
    for (const client of closing.splice(0)) client.destroy();
    await rig.close();
  });

  const kept = <T extends { destroy(): void }>(client: T): T => (closing.push(client), client);
  const deps = () => ({
    backupFor: ({ account, region }: Target) => rig.clientOf(account, region),
    kmsFor: (target: Target) => kept(new KMSClient(optionsFor(rig.sandbox, target))),
    organizationsFor: (target: Target) => kept(new OrganizationsClient(optionsFor(rig.sandbox, target))),
  });

  /** What is said of the copy beforehand, and what becomes of its job all the same. */
  async function compare({ world, point, to: target, days = 35 }: Case) {
    seedBackupWorld(rig.world, world);
    const [seeded = assert.fail()] = seedPoints(rig.world, { count: 1, ageDays: 1, ...point });
    const to: VaultRef = { ...(target ?? { account: BACKUP, region: HERE }), vault: 'nightly' };
    const lifecycle: Lifecycle = { deleteAfterDays: days, moveToColdStorageAfterDays: null, optInToArchive: false };
    const ref = { account: SOURCE, region: HERE, vault: 'nightly', arn: seeded.arn };
    const { facts } = await readPoint(deps().backupFor, ref);
    if (!facts) assert.fail('the point is not there');
    const route = await createCopyRoutesActivities(deps()).describeRoute({
      from: { account: SOURCE, region: HERE },
      to,
      resourceType: facts.resourceType,
      keyArn: facts.encryptionKeyArn,
      backupRole: CUSTODY_DEFAULTS.backupRole,
      fresh: false,
    });
    const now = new Date(rig.now()).toISOString();
    const started = await rig.client.send(
      new StartCopyJobCommand({
        RecoveryPointArn: ref.arn,
        SourceBackupVaultName: ref.vault,
        DestinationBackupVaultArn: vaultArn(to),
        IamRoleArn: ROLE,
        Lifecycle: days === null ? {} : { DeleteAfterDays: days },
      }),
    );
    rig.pass(DAY_MS / 2);
    const ended = await rig.client.send(new DescribeCopyJobCommand({ CopyJobId: started.CopyJobId }));
    return { obstacles: routeObstacles({ facts, to, lifecycle, route, now }), job: ended.CopyJob };
  }

  for (const each of CASES) {
    it(
      each.codes.length === 0
        ? `lets through ${each.title}, as AWS does`
        : `sees ${each.title}, for which AWS fails the job`,
      async () => {
        const { obstacles, job } = await compare(each);
        assert.deepEqual(
          obstacles.map(({ code }) => code),
          each.codes,
        );
        assert.equal(job?.State, each.codes.length === 0 ? 'COMPLETED' : 'FAILED', job?.StatusMessage);
      },
    );
  }

  it('refuses a destination that the worker does not serve, where nobody could verify the copy', async () => {
    const backupFor = (target: Target) => {
      if (target.account === BACKUP) throw ApplicationFailure.nonRetryable('does not serve it', 'InvalidInput');
      return rig.clientOf(target.account, target.region);
    };
    const routes = createCopyRoutesActivities({ ...deps(), backupFor });
    const way = { resourceType: 'FSx', keyArn: null, backupRole: CUSTODY_DEFAULTS.backupRole, fresh: true };
    const to: VaultRef = { account: BACKUP, region: HERE, vault: 'nightly' };
    const from = { account: SOURCE, region: HERE };
    await assert.rejects(routes.describeRoute({ ...way, from, to }), /does not serve it/);
  });

  it('shows what the worker’s role may not read as such', async () => {
    for (const operation of [
      'GetBackupVaultAccessPolicy',
      'DescribeGlobalSettings',
      'GetKeyPolicy',
      'DescribeOrganization',
    ]) {
      rig.sandbox.faults.add({ kind: 'error', operation, code: 'AccessDeniedException' });
    }
    const { obstacles, job } = await compare({
      title: '',
      codes: [],
      world: { noDestinationPolicy: true, crossAccountOff: true },
    });
    assert.deepEqual(obstacles, []);
    assert.equal(job?.State, 'FAILED');
  });
});
