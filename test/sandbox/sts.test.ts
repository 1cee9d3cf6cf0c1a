import assert from 'node:assert/strict';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { accessKeys } from '../../sandbox/edge/access-keys.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { ACCOUNT, OTHER_ACCOUNT, assertRefused, clientsFor, optionsFor } from './edge/rig.ts';

describe('STS', () => {
  let sandbox: Sandbox;
  let sts: STSClient;
  before(async () => {
    sandbox = await startSandbox({ startTime: '2020-01-01T00:00:00Z' });
    sts = clientsFor(sandbox).sts;
  });
  after(() => sandbox.close());

  const assume = (changes: object = {}) =>
    sts.send(
      new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${OTHER_ACCOUNT}:role/path/Backup`,
        RoleSessionName: 'holdfast',
        ...changes,
      }),
    );
  const assumed = async (changes: object = {}) => {
    const { Credentials: given } = await assume(changes);
    assert.ok(given?.AccessKeyId && given.SecretAccessKey && given.SessionToken);
    const credentials = {
      accessKeyId: given.AccessKeyId,
      secretAccessKey: given.SecretAccessKey,
      sessionToken: given.SessionToken,
    };
    return { ...optionsFor(sandbox), credentials };
  };

  it('says who the caller is', async () => {
    const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
    assert.deepEqual([Account, Arn], [ACCOUNT, `arn:aws:iam::${ACCOUNT}:user/sandbox`]);
  });

  it("hands out keys of the role's account", async () => {
    const { AssumedRoleUser } = await assume();
    const identity = await new STSClient(await assumed()).send(new GetCallerIdentityCommand({}));
    assert.equal(identity.Account, OTHER_ACCOUNT);
    assert.equal(identity.Arn, `arn:aws:sts::${OTHER_ACCOUNT}:assumed-role/Backup/holdfast`);
    assert.equal(identity.UserId, AssumedRoleUser?.AssumedRoleId);
    await new SSMClient(await assumed()).send(new DescribeInstanceInformationCommand({}));
    assert.equal(sandbox.recorder.calls({ service: 'ssm' }).at(-1)?.account, OTHER_ACCOUNT);
  });

  it("ends them by the machine's clock, as the SDKs do, whatever the virtual time is", async () => {
    const { Credentials } = await assume({ DurationSeconds: 900 });
    const seconds = ((Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000;
    assert.ok(seconds > 880 && seconds < 910, `${seconds}`);
  });

  it('refuses a key whose time is over', async () => {
    const options = await assumed();
    const keys = accessKeys(sandbox.world);
    const key = keys.get(options.credentials.accessKeyId);
    assert.ok(key);
    keys.set(key.id, { ...key, expiresAtReal: Date.now() - 1 });
    await assertRefused(new STSClient(options).send(new GetCallerIdentityCommand({})), 'ExpiredToken', 403);
    await assertRefused(
      new SSMClient(options).send(new DescribeInstanceInformationCommand({})),
      'ExpiredTokenException',
      400,
    );
  });

  it('refuses what is no role, and input outside the constraints', async () => {
    await assertRefused(assume({ RoleArn: 'arn:aws:iam::555566667777:user/somebody' }), 'ValidationError', 400);
    await assertRefused(assume({ RoleSessionName: 'two words' }), 'ValidationError', 400);
    await assertRefused(assume({ DurationSeconds: 899 }), 'ValidationError', 400);
  });
});
