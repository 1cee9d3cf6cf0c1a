import assert from 'node:assert/strict';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { refused, startPaused } from './paused.ts';
import type { Paused } from './paused.ts';

describe('sandbox: DescribeKey', () => {
  let paused: Paused;
  before(async () => {
    paused = await startPaused(1);
  });
  after(() => paused.close());

  const key = async (KeyId: string) => (await paused.kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;

  it('finds a key by id, ARN, alias and alias ARN', async () => {
    const { reportKeyArn, spec } = paused.fleet;
    const aliasArn = 'arn:aws:kms:eu-central-1:111122223333:alias/holdfast-reports';
    for (const named of [spec.reportKeyId, reportKeyArn, 'alias/holdfast-reports', aliasArn]) {
      const found = await key(named);
      assert.deepEqual([found?.Arn, found?.KeyState, found?.KeyManager], [reportKeyArn, 'Enabled', 'CUSTOMER']);
    }
  });

  it('shows a disabled key', async () => {
    const found = await key(paused.fleet.volumeKeyArns[1]);
    assert.deepEqual([found?.KeyState, found?.Enabled], ['Disabled', false]);
  });

  it('makes the key behind an alias of AWS’s own', async () => {
    const found = await key('alias/aws/s3');
    assert.equal(found?.KeyManager, 'AWS');
    assert.equal((await key('alias/aws/s3'))?.KeyId, found.KeyId);
  });

  it('answers an unknown key, an unknown alias and an ARN of another Region with NotFoundException', async () => {
    const id = '99999999-2222-4333-8444-555566667777';
    await refused(key(id), 'NotFoundException', /does not exist/);
    await refused(key('alias/none'), 'NotFoundException', /is not found/);
    await refused(key(`arn:aws:kms:us-east-1:111122223333:key/${id}`), 'NotFoundException', /Invalid arn us-east-1/);
  });
});
