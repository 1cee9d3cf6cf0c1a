/** The commands of custody as their users run them: what is blocked, what a person does about it, and what came of it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CUSTODY_DEFAULTS, custodyId, type CustodyResult } from '../../domain/custody.ts';
import { dayOf, indexKey } from '../../domain/evidence-keys.ts';
import { BACKUP_WORLD, seedBackupWorld, seedPoints } from '../../sandbox/backup-world.ts';
import { points, vaults, type Point } from '../../sandbox/services/backup/rows.ts';
import { custodyStatusQuery, type CustodyStatus } from '../../workflows/custody.messages.ts';
import { BACKUP, SOURCE, startCustodyRig, VAULT, type CustodyRig } from '../rig/custody.ts';
import { waitUntil } from '../rig/upgrade.ts';
import { run, type Ended } from './holdfast.ts';

const rule = (then: string): string => `
        - name: ${then === 'keep' ? 'only-copied' : 'nightly'}
          match: { createdBy: any }
          legs: [{ name: backup, account: backup, region: ${BACKUP.region} }]
          then: ${then}`;

const TESTS = `
      restoreTests:
        - account: production
          region: ${SOURCE.region}
          vault: ${VAULT}
          resourceTypes: [EBS]
          isolated: { availabilityZone: ${SOURCE.region}a }`;

const policy = (name: string, then: string): string => `
    ${name}:
      sources: [{ account: production }]
      evidence: { account: production, region: ${SOURCE.region}, bucket: ${BACKUP_WORLD.evidenceBucket} }
      rules:${rule(then)}`;

const ACCOUNTS = `
accounts:
  - { id: '${SOURCE.account}', name: production, regions: [${SOURCE.region}] }
  - { id: '${BACKUP.account}', name: backup, regions: [${BACKUP.region}] }
policies:
  custody:`;
const FILE = `${ACCOUNTS}${policy('nightly', 'shorten')}${TESTS}\n`;
const GENTLE_FILE = `${ACCOUNTS}${policy('gentle', 'keep')}\n`;

describe('the commands of custody', function () {
  this.timeout(120_000);
  let rig: CustodyRig;
  let seeded: Point[] = [];
  let cwd = '';
  const custody = (...args: string[]): Promise<Ended> =>
    run(['custody', ...args], { cwd, env: { TEMPORAL_ADDRESS: rig.address } });

  before(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'holdfast-custody-'));
    writeFileSync(join(cwd, 'holdfast.yaml'), FILE);
    writeFileSync(join(cwd, 'gentle.yaml'), GENTLE_FILE);
    rig = await startCustodyRig({
      speed: 1000,
      world: ({ world }) => {
        seedBackupWorld(world, { noDestinationPolicy: true });
        seeded = seedPoints(world, { count: 3 });
      },
    });
  });
  after(async () => {
    await rig.close();
    rmSync(cwd, { recursive: true });
  });

  const statusOf = async ({ arn }: Point): Promise<CustodyStatus> =>
    await rig.client.workflow.getHandle(custodyId(arn)).query(custodyStatusQuery);

  it('tell what is blocked and why, have it go on, change its rule or let it go', async () => {
    const [first, second, third] = seeded as [Point, Point, Point];
    const swept = await custody('reconcile', '--policy', 'nightly', '--full', '--wait');
    assert.equal(swept.code, 0, swept.stderr);
    assert.match(swept.stdout, /3 custodies begun/);
    for (const point of seeded) {
      await waitUntil('it is blocked', async () => (await statusOf(point)).health === 'blocked');
    }
    const [listed, blocked, unsure, nothing, unknown] = await Promise.all([
      custody('list', '--health', 'blocked', '--vault', VAULT),
      custody('show', first.arn),
      custody('release', third.arn),
      custody('resume'),
      custody('show', `${first.arn}0`),
    ]);
    assert.deepEqual([blocked.code, unsure.code, nothing.code, unknown.code], [4, 2, 2, 10]);
    const { account, region } = SOURCE;
    assert.match(
      listed.stdout,
      new RegExp(`^${first.arn} +EBS +${account}/${region}/${VAULT} +copying +blocked +backup: `, 'm'),
    );
    assert.match(listed.stdout, new RegExp(`vault ${account}/${region}/${VAULT}: listed in full 20`));
    assert.match(blocked.stdout, /BLOCKED since .*\(vaultPolicy\).*\n +what to do: .*\n +the missing statement:\n/);
    assert.match(blocked.stdout, /backup:CopyIntoBackupVault/);

    const [released, adopted] = await Promise.all([
      custody('release', third.arn, '--confirm', '--reason', 'CHG-1'),
      custody('resume', second.arn, '--apply-rule', '--policy', 'gentle', '--config', 'gentle.yaml'),
    ]);
    assert.deepEqual([released.code, adopted.code], [0, 0], released.stderr + adopted.stderr);
    assert.equal((await statusOf(second)).rule?.name, 'only-copied');
    await waitUntil('it is blocked again', async () => (await statusOf(second)).health === 'blocked');

    openVault(rig);
    const resumed = await custody('resume', '--all', '--health', 'blocked', '--json');
    assert.equal(resumed.code, 0, resumed.stderr);
    const answers = JSON.parse(resumed.stdout) as { custodies: { pointArn: string }[] };
    assert.deepEqual(answers.custodies.map(({ pointArn }) => pointArn).toSorted(), [first.arn, second.arn].toSorted());
    const outcomes = await Promise.all(
      seeded.map(async ({ arn }) => ((await rig.client.workflow.result(custodyId(arn))) as CustodyResult).outcome),
    );
    assert.deepEqual(outcomes, ['shortened', 'kept', 'released']);
    const [chain, ended, late] = await Promise.all([
      custody('show', first.arn),
      custody('list', '--ended', '--json'),
      custody('resume', first.arn),
    ]);
    assert.deepEqual([chain.code, late.code], [0, 10], chain.stderr);
    assert.match(chain.stdout, /copy job \S+ COMPLETED, from 20.* to 20/);
    assert.match(
      chain.stdout,
      /shorten: 35 days → \d+ days\n.*\n +decided .*\n +asked of AWS .*\n +done .*; read back: deleted/,
    );
    assert.match(chain.stdout, /Evidence: \d+ versions, the last s3:/);
    assert.match(chain.stdout, /resume by .+@.+: what was blocked is tried again now/);
    assert.equal((JSON.parse(ended.stdout) as { custodies: object[] }).custodies.length, 3);

    // Somebody else's, as far as Temporal knows: only the index has it, and leads to the evidence.
    const forgotten = `${first.arn}f`;
    await indexAlso(first, forgotten);
    const recorded = await custody('show', forgotten, '--policy', 'nightly');
    assert.equal(recorded.code, 0, recorded.stderr);
    assert.equal(recorded.stdout, chain.stdout);
  });

  it('bring a copy back once nothing stands in its way, and only when told to', async () => {
    const [copy] = seedPoints(rig.sandbox.world, { count: 1, ...BACKUP, told: false });
    const copyArn = copy?.arn ?? '';
    const from = ['--account', BACKUP.account, '--region', BACKUP.region, '--vault', VAULT];
    const to = ['--to', `${SOURCE.account}/${SOURCE.region}/${VAULT}`];
    const [unsure, back] = await Promise.all([
      custody('copy-back', copyArn, ...from, ...to),
      custody('copy-back', copyArn, ...from, ...to, '--yes', '--wait', '--json'),
    ]);
    assert.ok(unsure.code === 2 || unsure.code === 11, unsure.stderr);
    assert.equal(back.code, 0, back.stderr);
    assert.match(back.stderr, /nothing stands in the way/);
    const { result } = JSON.parse(back.stdout) as { result: { outcome: string; copyArn: string } };
    assert.equal(result.outcome, 'copied');
    assert.equal(points({ world: rig.sandbox.world, ...SOURCE }).get(result.copyArn)?.resourceArn, copy?.resourceArn);
  });

  it('show what a restore test would restore, make it, and tell when it was last verified', async () => {
    const [plan, never] = await Promise.all([
      custody('restore-test', 'plan', '--policy', 'nightly'),
      custody('restore-test', 'status', '--policy', 'gentle', '--config', 'gentle.yaml'),
    ]);
    assert.deepEqual([plan.code, never.code], [0, 2], plan.stderr);
    assert.match(plan.stdout, /would be restored, looked at, and deleted again\n.*\n(.*\n)* +availabilityZone: /);
    assert.match(never.stderr, /gentle with restoreTests/);
    const tested = await custody('restore-test', 'start', '--policy', 'nightly', '--wait');
    assert.equal(tested.code, 0, tested.stderr);
    assert.match(tested.stdout, /EBS +verified +\d+ min/);
    const [status, list, late] = await Promise.all([
      custody('restore-test', 'status', '--policy', 'nightly'),
      custody('list'),
      custody('restore-test', 'abort', '--policy', 'nightly'),
    ]);
    assert.deepEqual([status.code, status.stdout, late.code], [0, tested.stdout, 10], late.stderr);
    assert.match(list.stdout, /listed in full 20.*; EBS restore verified 20.* UTC, within 1 day, in \d+ min/);
  });
});

/** Puts the entry of a settled point into the index of another day, under another ARN. */
async function indexAlso({ arn, createdAt }: Point, otherArn: string): Promise<void> {
  const day = dayOf(new Date(createdAt).toISOString());
  const vault = { ...SOURCE, vault: VAULT };
  const at = (on: string) => ({
    Bucket: BACKUP_WORLD.evidenceBucket,
    Key: indexKey(CUSTODY_DEFAULTS.evidencePrefix, { vault, day: on }),
  });
  const s3 = new S3Client({ region: SOURCE.region, forcePathStyle: true });
  try {
    const { Body } = await s3.send(new GetObjectCommand(at(day)));
    const text = (await Body?.transformToString()) ?? '';
    await s3.send(new PutObjectCommand({ ...at('2020-01-01'), Body: text.replaceAll(arn, otherArn) }));
  } finally {
    s3.destroy();
  }
}

/** As its owner would, after having read the missing statement. */
function openVault({ sandbox }: CustodyRig): void {
  const table = vaults({ world: sandbox.world, ...BACKUP });
  const vault = table.get(VAULT) ?? assert.fail('there is no vault');
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 'backup:CopyIntoBackupVault', Resource: '*' }];
  table.set(VAULT, { ...vault, policy: JSON.stringify({ Version: '2012-10-17', Statement }) });
}
