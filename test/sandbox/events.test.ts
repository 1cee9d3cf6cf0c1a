import assert from 'node:assert/strict';
import { BackupClient, StartCopyJobCommand } from '@aws-sdk/client-backup';
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { BackupWorldSpec } from '../../sandbox/backup-world.ts';
import { BACKUP_WORLD, seedBackupWorld, seedPoints } from '../../sandbox/backup-world.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { optionsFor } from './edge/rig.ts';

interface Event {
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly region: string;
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

const MINUTE = 60_000;

describe('sandbox: events of AWS Backup', () => {
  let sandbox: Sandbox;
  let sqs: SQSClient;
  let url: string | undefined;
  const { account, region } = BACKUP_WORLD;

  async function start(spec: BackupWorldSpec = {}): Promise<void> {
    sandbox = await startSandbox({ startTime: '2026-03-02T08:00:00Z' });
    sandbox.clock.pause();
    seedBackupWorld(sandbox.world, spec);
    sqs = new SQSClient(optionsFor(sandbox, { account, region }));
    url = (await sqs.send(new GetQueueUrlCommand({ QueueName: BACKUP_WORLD.queueName }))).QueueUrl;
  }
  afterEach(async () => {
    sqs.destroy();
    await sandbox.close();
  });

  /** All that have come by now, in the order in which they came. */
  async function events(): Promise<Event[]> {
    const found: Event[] = [];
    for (;;) {
      const command = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 });
      const { Messages = [] } = await sqs.send(command);
      if (Messages.length === 0) return found;
      found.push(...Messages.map(({ Body = '' }) => JSON.parse(Body) as Event));
    }
  }

  const ended = (event: Event): boolean => event.detail['state'] === 'COMPLETED';

  it('come to the queue of their rule in EventBridge’s envelope, up to five minutes later', async () => {
    await start();
    const [point] = seedPoints(sandbox.world, { count: 1, completeWithinMinutes: 0 });
    assert.deepEqual((await events()).filter(ended), []);
    sandbox.clock.step(5 * MINUTE);
    const told = await events();
    const [completed] = told.filter(ended);
    assert.equal(completed?.['detail-type'], 'Backup Job State Change');
    assert.deepEqual([completed.source, completed.account, completed.region], ['aws.backup', account, region]);
    assert.match(completed.time, /^2026-03-02T08:00:\d\dZ$/);
    assert.deepEqual(completed.resources, [point?.arn]);
    assert.ok(told.some((event) => event['detail-type'] === 'Recovery Point State Change'));
  });

  it('do not come before what they tell of has happened', async () => {
    await start();
    seedPoints(sandbox.world, { count: 2, completeWithinMinutes: 60 });
    sandbox.clock.step(10 * MINUTE);
    assert.equal((await events()).filter(ended).length, 1);
    sandbox.clock.step(30 * MINUTE);
    assert.equal((await events()).filter(ended).length, 1);
  });

  it('tell of a copy in the source’s account, from CREATED to COMPLETED', async () => {
    await start();
    const [point] = seedPoints(sandbox.world, { count: 1, ageDays: 1 });
    const client = new BackupClient(optionsFor(sandbox, { account, region }));
    const DestinationBackupVaultArn = `arn:aws:backup:${region}:${BACKUP_WORLD.backupAccount}:backup-vault:nightly`;
    const RecoveryPointArn = point?.arn;
    const IamRoleArn = `arn:aws:iam::${account}:role/service-role/AWSBackupDefaultServiceRole`;
    const SourceBackupVaultName = BACKUP_WORLD.vault;
    await client.send(
      new StartCopyJobCommand({ RecoveryPointArn, SourceBackupVaultName, DestinationBackupVaultArn, IamRoleArn }),
    );
    client.destroy();
    sandbox.clock.step(60 * MINUTE);
    const copies = (await events()).filter((event) => event['detail-type'] === 'Copy Job State Change');
    assert.deepEqual(
      copies.map(({ detail }) => String(detail['state'])).sort((a, b) => a.localeCompare(b)),
      ['COMPLETED', 'CREATED', 'RUNNING'],
    );
    assert.ok(copies.every(({ resources }) => resources[0] === RecoveryPointArn));
  });

  it('are lost, doubled and reordered as the rule says, the same for the same seed', async () => {
    const stream = async (): Promise<string[]> => {
      await start({ eventFaults: { lost: 0.3, doubled: 0.3, reordered: 0.5 } });
      seedPoints(sandbox.world, { count: 200, completeWithinMinutes: 60 });
      sandbox.clock.step(120 * MINUTE);
      return (await events()).filter(ended).map(({ resources }) => resources[0] ?? '');
    };
    const first = await stream();
    const distinct = new Set(first);
    assert.ok(distinct.size > 120 && distinct.size < 160, `${distinct.size} of 200 came`);
    const doubled = (first.length - distinct.size) / distinct.size;
    assert.ok(doubled > 0.2 && doubled < 0.4, `${doubled} of them came twice`);
    sqs.destroy();
    await sandbox.close();
    assert.deepEqual(await stream(), first);
  });

  it('come late by hours where the rule says so', async () => {
    await start({ eventFaults: { late: 1 } });
    seedPoints(sandbox.world, { count: 5 });
    sandbox.clock.step(50 * MINUTE);
    assert.deepEqual((await events()).filter(ended), []);
    sandbox.clock.step(13 * 60 * MINUTE);
    assert.equal((await events()).filter(ended).length, 5);
  });

  it('come in CloudTrail’s form where the rule says so, which tells of the ends of backup jobs only', async () => {
    await start({ eventForm: 'cloudTrail' });
    const [point] = seedPoints(sandbox.world, { count: 1 });
    sandbox.clock.step(5 * MINUTE);
    const [event, ...more] = await events();
    assert.deepEqual(more, []);
    assert.equal(event?.['detail-type'], 'AWS Service Event via CloudTrail');
    assert.equal(event.detail['eventName'], 'BackupJobCompleted');
    const details = event.detail['serviceEventDetails'] as Record<string, unknown>;
    assert.deepEqual([details['recoveryPointArn'], details['state']], [point?.arn, 'COMPLETED']);
    const { seconds } = details['creationDate'] as { seconds: number };
    assert.equal(seconds, Math.floor((point?.createdAt ?? 0) / 1000));
  });
});
