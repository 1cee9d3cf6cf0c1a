import assert from 'node:assert/strict';
import { BackupClient } from '@aws-sdk/client-backup';
import { S3Client } from '@aws-sdk/client-s3';
import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { createCustodyCopiesActivities } from '../../activities/custody-copies.ts';
import { addToIndex } from '../../activities/evidence-index.ts';
import { vaultArn } from '../../domain/custody.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { seedVault } from '../../sandbox/services/backup/seeds.ts';
import { seedBucket } from '../../sandbox/services/s3.ts';
import { entryOf, evidence, vault } from '../rig/evidence.ts';

const { account, region } = evidence.target;
const COPIES = { account: '444455556666', region: 'eu-central-1', vault: 'copies' };

const copy = { name: 'backup', destinationVaultArn: vaultArn(COPIES), deleteAt: null };
const [then, later] = ['2026-03-01T08:00:00.000Z', '2027-03-01T08:00:00.000Z'];
const legs = [
  { ...copy, copyArn: 'arn:missing', verifiedAt: then },
  { ...copy, copyArn: 'arn:expired', verifiedAt: then, deleteAt: then },
  { ...copy, copyArn: 'arn:verified-meanwhile', verifiedAt: later },
  { ...copy, copyArn: 'arn:never-verified', verifiedAt: null },
  { ...copy, copyArn: 'arn:elsewhere', verifiedAt: then, destinationVaultArn: vaultArn(vault) },
];

const run = async <T>(work: () => Promise<T>): Promise<T> => {
  const context = { cancellationSignal: new AbortController().signal, heartbeat: () => undefined };
  return await asyncLocalStorage.run(context as unknown as Context, work);
};

describe('a look at copies of settled points', () => {
  it('tells of one that is missing when it is to be there: not before it was verified, nor after its end', async () => {
    const sandbox = await startSandbox({ startTime: '2026-03-02T08:00:00Z' });
    seedBucket(sandbox.world, { name: evidence.place.bucket, account, region });
    seedVault(sandbox.world, { ...COPIES, name: COPIES.vault });
    const clientOf = (accessKeyId: string) => ({
      region,
      endpoint: sandbox.endpoint,
      credentials: { accessKeyId, secretAccessKey: 'sandbox' },
    });
    const s3 = new S3Client(clientOf(account));
    const backup = new BackupClient(clientOf(COPIES.account));
    try {
      const entries = legs.map((leg, index) => entryOf(index + 1, { legs: [leg] }));
      await run(() => addToIndex(s3, evidence, vault, entries));
      const activities = createCustodyCopiesActivities({ s3For: () => s3, backupFor: () => backup });
      const found = await run(() => activities.lookAtCopies({ evidence, vault: COPIES, from: [vault] }));
      assert.deepEqual(
        found.odd.map(({ pointArn }) => pointArn),
        ['arn:missing'],
      );
    } finally {
      s3.destroy();
      backup.destroy();
      await sandbox.close();
    }
  });
});
