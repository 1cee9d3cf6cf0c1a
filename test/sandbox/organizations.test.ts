import assert from 'node:assert/strict';
import { BackupClient, DescribeGlobalSettingsCommand } from '@aws-sdk/client-backup';
import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  ListAccountsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { BackupWorldSpec } from '../../sandbox/backup-world.ts';
import { BACKUP_WORLD, seedBackupWorld } from '../../sandbox/backup-world.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { seedMembership } from '../../sandbox/services/organizations.ts';
import { optionsFor } from './edge/rig.ts';
import { refused } from './paused.ts';

const { account, backupAccount, managementAccount, organizationId, region } = BACKUP_WORLD;

describe('sandbox: several accounts', () => {
  let sandbox: Sandbox;
  const clients: { destroy(): void }[] = [];
  async function start(spec: BackupWorldSpec = {}): Promise<void> {
    sandbox = await startSandbox({ startTime: '2026-03-02T08:00:00Z' });
    seedBackupWorld(sandbox.world, spec);
  }
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await sandbox.close();
  });

  const used = <C extends { destroy(): void }>(client: C): C => {
    clients.push(client);
    return client;
  };
  const organizationsOf = (who: string) => used(new OrganizationsClient(optionsFor(sandbox, { account: who, region })));
  const kmsOf = (who: string) => used(new KMSClient(optionsFor(sandbox, { account: who, region })));

  it('of an organization all know it; only its management account lists its members', async () => {
    await start();
    const { Organization } = await organizationsOf(backupAccount).send(new DescribeOrganizationCommand({}));
    assert.deepEqual([Organization?.Id, Organization?.MasterAccountId], [organizationId, managementAccount]);
    const { Accounts = [] } = await organizationsOf(managementAccount).send(new ListAccountsCommand({}));
    assert.deepEqual(
      Accounts.map(({ Id }) => Id),
      [managementAccount, account, backupAccount],
    );
    await refused(organizationsOf(account).send(new ListAccountsCommand({})), 'AccessDeniedException');
  });

  it('lists members page by page, and describes one', async () => {
    await start();
    for (let number = 0; number < 20; number += 1) {
      seedMembership(sandbox.world, `2000000000${number + 10}`, { organizationId, managementAccount });
    }
    const manager = organizationsOf(managementAccount);
    const first = await manager.send(new ListAccountsCommand({}));
    const second = await manager.send(new ListAccountsCommand({ NextToken: first.NextToken }));
    assert.deepEqual([first.Accounts?.length, second.Accounts?.length, second.NextToken], [20, 3, undefined]);
    const { Account } = await manager.send(new DescribeAccountCommand({ AccountId: backupAccount }));
    assert.deepEqual([Account?.Name, Account?.Status], ['backup', 'ACTIVE']);
    const unknown = manager.send(new DescribeAccountCommand({ AccountId: '123412341234' }));
    await refused(unknown, 'AccountNotFoundException');
  });

  it('are in different organizations, or in none, where they are put so', async () => {
    await start({ otherOrganization: true });
    const { Organization } = await organizationsOf(backupAccount).send(new DescribeOrganizationCommand({}));
    assert.notEqual(Organization?.Id, organizationId);
    const nobody = organizationsOf('123412341234').send(new DescribeOrganizationCommand({}));
    await refused(nobody, 'AWSOrganizationsNotInUseException');
  });

  it('see a key of another account only where its policy shares it', async () => {
    await start();
    const own = (await kmsOf(account).send(new DescribeKeyCommand({ KeyId: 'alias/holdfast-source' }))).KeyMetadata;
    const ofAws = (await kmsOf(account).send(new DescribeKeyCommand({ KeyId: 'alias/aws/ebs' }))).KeyMetadata;
    assert.deepEqual([own?.KeyManager, ofAws?.KeyManager], ['CUSTOMER', 'AWS']);
    const seen = await kmsOf(backupAccount).send(new DescribeKeyCommand({ KeyId: own?.Arn }));
    assert.equal(seen.KeyMetadata?.Arn, own?.Arn);
    const message = /not authorized to perform: kms:DescribeKey on resource: arn:aws:kms/;
    for (const [who, KeyId] of [
      [managementAccount, own?.Arn],
      [backupAccount, ofAws?.Arn],
    ] as const) {
      await refused(kmsOf(who).send(new DescribeKeyCommand({ KeyId })), 'AccessDeniedException', message);
    }
  });

  it('read the policies of their own keys only', async () => {
    await start();
    const { Policy } = await kmsOf(account).send(new GetKeyPolicyCommand({ KeyId: 'alias/holdfast-source' }));
    assert.ok(Policy?.includes(`arn:aws:iam::${backupAccount}:root`));
    const own = (await kmsOf(account).send(new DescribeKeyCommand({ KeyId: 'alias/holdfast-source' }))).KeyMetadata;
    await refused(kmsOf(backupAccount).send(new GetKeyPolicyCommand({ KeyId: own?.Arn })), 'AccessDeniedException');
  });

  it('are worked in by roles from one process: a key that STS handed out acts in its role’s account', async () => {
    await start();
    const sts = used(new STSClient(optionsFor(sandbox, { account, region })));
    const RoleArn = `arn:aws:iam::${backupAccount}:role/holdfast`;
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'holdfast' }));
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
    const kms = used(new KMSClient({ ...optionsFor(sandbox, { region }), credentials }));
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/holdfast-backup' }));
    assert.equal(KeyMetadata?.AWSAccountId, backupAccount);
  });

  it('copy across accounts unless the organization’s setting is off', async () => {
    await start({ crossAccountOff: true });
    const backup = used(new BackupClient(optionsFor(sandbox, { account, region })));
    const { GlobalSettings } = await backup.send(new DescribeGlobalSettingsCommand({}));
    assert.equal(GlobalSettings?.['isCrossAccountBackupEnabled'], 'false');
  });
});
