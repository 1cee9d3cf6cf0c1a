/** The plan of a custody from the command line, in a world of several accounts. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seedBackupWorld, seedPoints } from '../../sandbox/backup-world.ts';
import type { Point } from '../../sandbox/services/backup/rows.ts';
import { startCustodyRig, type CustodyRig } from '../rig/custody.ts';
import { run, type Ended } from './holdfast.ts';

const CONFIG = `
accounts:
  - { id: "111122223333", name: production, regions: [eu-central-1] }
  - { id: "444455556666", name: backup, regions: [eu-central-1, eu-west-1] }
policies:
  custody:
    nightly:
      sources: [{ account: production }]
      evidence: { account: production, region: eu-central-1, bucket: holdfast-evidence }
      rules:
        - { name: scratch, match: { tags: { Env: Scratch }, createdBy: any } }
        - name: databases
          match: { resourceTypes: [RDS], createdBy: any }
          legs: [{ name: lost, account: backup, region: eu-west-1, vault: nowhere }]
        - name: volumes
          legs:
            - { name: near, account: backup, region: eu-central-1, lifecycle: { deleteAfterDays: 90 } }
            - { name: far, account: backup, region: eu-west-1, route: twoHop, lifecycle: { deleteAfterDays: 365 } }
          then: { shortenTo: 7d }
`;

describe('holdfast custody plan', function () {
  this.timeout(120_000);
  let cwd = '';
  let rig: CustodyRig;
  let [volume, database]: (Point | undefined)[] = [];
  const plan = (...args: string[]): Promise<Ended> => {
    const env = { TEMPORAL_ADDRESS: rig.address, TEMPORAL_NAMESPACE: 'default' };
    return run(['custody', 'plan', '--policy', 'nightly', '--vault', 'nightly', ...args], { cwd, env });
  };

  before(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
    writeFileSync(join(cwd, 'holdfast.yaml'), CONFIG);
    rig = await startCustodyRig({
      world: ({ world }) => {
        seedBackupWorld(world);
        [volume] = seedPoints(world, { count: 3, sizeGib: 100, ageDays: 1 });
        [database] = seedPoints(world, { count: 2, type: 'RDS', ageDays: 1 });
        seedPoints(world, { count: 1, ageDays: 2, planId: 'a-plan' });
      },
    });
  });
  after(async () => {
    await rig.close();
    rmSync(cwd, { recursive: true });
  });

  it('shows the rule, the dates of every copy and of the original, the checks, the cost and the calls', async () => {
    const { code, stdout, stderr } = await plan('--point', volume?.arn ?? '');
    assert.equal(code, 0, stderr + stdout);
    for (const line of [
      /^ {2}scratch: does not match, as it does not carry the tag Env=Scratch$/m,
      /^ {2}databases: does not match, as its resource type is EBS, not RDS$/m,
      /^ {2}volumes: matches$/m,
      /^Copy near: arn:aws:backup:eu-central-1:444455556666:backup-vault:nightly$/m,
      /^Copy far: arn:aws:backup:eu-central-1:444455556666:backup-vault:nightly, then arn:aws:backup:eu-west-1:/m,
      /^ {2}kept 90 days from the original’s creation: deleted 2026-05-30 \d\d:\d\d UTC$/m,
      /^ {2}kept 365 days from the original’s creation: deleted 2027-03-01 \d\d:\d\d UTC$/m,
      /^ {2}now: deleted 2026-04-05 \d\d:\d\d UTC$/m,
      /^ {2}then, if that were now: deleted 2026-03-09 \d\d:\d\d UTC$/m,
      /^ {2}2\.15 USD once for the transfer, 16\.11 USD in the first month, [\d.]+ USD until .*by prices of \d{4}-\d\d-\d\d$/m,
      /^ {2}Its lock, legal holds and resource were looked at: nothing else stands in the way$/m,
      /^Calls of AWS Backup: \d+, when nothing goes wrong$/m,
    ]) {
      assert.match(stdout, line);
    }
    assert.equal(stdout.match(/looked at: nothing stands in the way/g)?.length, 2);
  });

  it('ends with 1 where a copy would be blocked, and says how to mend it, in JSON too', async () => {
    const { code, stdout } = await plan('--point', database?.arn ?? '', '--json');
    const { plan: planned } = JSON.parse(stdout) as {
      plan: { legs: { obstacles: { code: string; remedy: string }[] }[] };
    };
    assert.equal(code, 1);
    assert.deepEqual(
      planned.legs.flatMap(({ obstacles }) => obstacles.map((each) => each.code)),
      ['noVault'],
    );
    assert.match(planned.legs[0]?.obstacles[0]?.remedy ?? '', /make it/);
  });

  it('counts the points of a vault by what would be done with them, and shows the first', async () => {
    const { code, stdout, stderr } = await plan('--limit', '2');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /by policy nightly, as of .*: 6 recovery points$/m);
    // An untagged volume and a tagged one look the same in a list.
    assert.match(stdout, /^tags decide +scratch or volumes +EBS +3 /m);
    assert.match(stdout, /^tags decide +scratch or none +EBS +1 /m);
    assert.match(stdout, /^tags decide +scratch or databases +RDS +2 /m);
    assert.match(stdout, /^The first 2$/m);
  });

  it('changes nothing', async () => {
    const changing = rig.sandbox.recorder
      .calls()
      .filter(({ operation }) => !/^(Describe|List|Get|AssumeRole)/.test(operation));
    assert.deepEqual(changing, []);
  });

  it('ends with 10 where the point is not there, and with 2 where the policy or the vault is not named', async () => {
    const [gone, other, wrong] = await Promise.all([
      plan('--point', 'arn:aws:ec2:eu-central-1::snapshot/snap-0000000000000dead'),
      plan('--policy', 'nighly'),
      plan('--point', 'snap-1'),
    ]);
    assert.deepEqual([gone.code, /is not there: look at its vault, account and Region/.test(gone.stderr)], [10, true]);
    assert.deepEqual([other.code, /has no custody policy nighly; it has: nightly/.test(other.stderr)], [2, true]);
    assert.deepEqual([wrong.code, /must be the ARN of a recovery point, got "snap-1"/.test(wrong.stderr)], [2, true]);
  });
});
