import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import {
  BackupClient,
  ListCopyJobsCommand,
  paginateListRecoveryPointsByBackupVault,
  StartCopyJobCommand,
} from '@aws-sdk/client-backup';
import { BACKUP_WORLD, seedBackupWorld, seedPoints } from '../../../sandbox/backup-world.ts';
import { optionsFor } from '../edge/rig.ts';
import { BACKUP, HERE, ROLE, SOURCE } from './rig.ts';

describe('sandbox: AWS Backup across a restart', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('lists the same points by page, and lets copies go on', async () => {
    const first = await startSandbox({ folder, startTime: '2026-01-05T08:00:00Z' });
    first.clock.pause();
    seedBackupWorld(first.world);
    const points = seedPoints(first.world, { count: 5 });
    const before = new BackupClient(optionsFor(first, { account: SOURCE, region: HERE }));
    await before.send(
      new StartCopyJobCommand({
        RecoveryPointArn: points[0]?.arn,
        SourceBackupVaultName: BACKUP_WORLD.vault,
        DestinationBackupVaultArn: `arn:aws:backup:${HERE}:${BACKUP}:backup-vault:${BACKUP_WORLD.vault}`,
        IamRoleArn: ROLE,
      }),
    );
    before.destroy();
    await first.close();

    const second = await startSandbox({ folder });
    const client = new BackupClient(optionsFor(second, { account: SOURCE, region: HERE }));
    const listed: (string | undefined)[] = [];
    const query = { BackupVaultName: BACKUP_WORLD.vault };
    for await (const page of paginateListRecoveryPointsByBackupVault({ client, pageSize: 2 }, query)) {
      listed.push(...(page.RecoveryPoints ?? []).map(({ RecoveryPointArn }) => RecoveryPointArn));
    }
    assert.deepEqual(listed, points.map(({ arn }) => arn).toReversed());
    second.clock.skip(3_600_000);
    const { CopyJobs } = await client.send(new ListCopyJobsCommand({ BySourceRecoveryPointArn: points[0]?.arn }));
    assert.deepEqual(
      CopyJobs?.map(({ State }) => State),
      ['COMPLETED'],
    );
    client.destroy();
    await second.close();
  });
});
