/** What custodies leave behind, and whether it shows when somebody changes it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { EvidenceDocument, IndexEntry } from '../../domain/evidence.ts';
import { custodyIndexId } from '../../domain/evidence-messages.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { parseIndex } from '../../report/evidence-index.ts';
import { sha256Of } from '../../report/evidence.ts';
import { BACKUP_WORLD } from '../../sandbox/backup-world.ts';
import { points } from '../../sandbox/services/backup/rows.ts';
import { custodyIndexStatusQuery, settledSignal } from '../../workflows/custody-index.messages.ts';
import { run, type Ended } from '../client/holdfast.ts';
import {
  BACKUP,
  done,
  nth,
  policyOf,
  refOf,
  ruleOf,
  SOURCE,
  startCustody,
  untilCustody,
  withCustodyRig,
  type Custody,
  type CustodyRig,
} from '../rig/custody.ts';
import { entryOf } from '../rig/evidence.ts';
import { isKnown, reconcile } from '../rig/intake.ts';
import { waitUntil } from '../rig/upgrade.ts';

const FILE = `
accounts:
  - { id: '${SOURCE.account}', name: production, regions: [${SOURCE.region}] }
  - { id: '${BACKUP.account}', name: backup, regions: [${BACKUP.region}] }
policies:
  custody:
    nightly:
      sources: [{ account: production }]
      evidence: { account: production, region: ${SOURCE.region}, bucket: ${BACKUP_WORLD.evidenceBucket} }
      rules:
        - { name: nightly, legs: [{ account: backup, region: ${BACKUP.region} }], then: { shortenTo: 7d } }
`;

const Bucket = BACKUP_WORLD.evidenceBucket;
const published = z.fromJSONSchema(
  JSON.parse(readFileSync(new URL('../../report/evidence-schema.json', import.meta.url), 'utf8')),
);

/** The bucket, as an auditor reads it, or somebody who should not writes into it. */
function bucketOf(rig: CustodyRig) {
  const credentials = { accessKeyId: SOURCE.account, secretAccessKey: 'sandbox' };
  const s3 = new S3Client({ region: SOURCE.region, endpoint: rig.sandbox.endpoint, credentials });
  const read = async (Key: string): Promise<string> =>
    (await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()) ?? '';
  return {
    read,
    write: async (Key: string, Body: string) => void (await s3.send(new PutObjectCommand({ Bucket, Key, Body }))),
    remove: async (Key: string) => void (await s3.send(new DeleteObjectCommand({ Bucket, Key }))),
    keys: async (Prefix: string): Promise<string[]> =>
      ((await s3.send(new ListObjectsV2Command({ Bucket, Prefix }))).Contents ?? []).map(({ Key = '' }) => Key),
    close: () => s3.destroy(),
  };
}

describe('the evidence of custodies', function () {
  this.timeout(120_000);
  let cwd = '';
  before(() => {
    cwd = mkdtempSync(join(tmpdir(), 'holdfast-evidence-'));
    writeFileSync(join(cwd, 'holdfast.yaml'), FILE);
  });
  after(() => rmSync(cwd, { recursive: true }));
  const custody = (rig: CustodyRig, ...args: string[]): Promise<Ended> =>
    run(['custody', ...args, '--policy', 'nightly'], { cwd, env: { TEMPORAL_ADDRESS: rig.address } });

  it('is a chain that fits its schema and the index; what is changed or removed is found', async () => {
    const policy = policyOf(ruleOf({ match: { ...ruleOf().match, resourceTypes: ['EFS'] } }));
    const specs = [
      { count: 2, type: 'EFS' },
      { count: 1, type: 'DynamoDB' },
    ];
    await withCustodyRig({ speed: 2000, points: specs }, async (rig) => {
      const bucket = bucketOf(rig);
      const handles = await Promise.all(rig.points.map((point) => startCustody(rig, refOf(point), policy)));
      const [one, two] = handles as [Custody, Custody, Custody];
      const [first, second] = [await done(one), await done(two)];
      await done(handles[2] as Custody, 'notCovered');

      const [indexKey = ''] = await bucket.keys('custody/index/');
      const entries = parseIndex(await bucket.read(indexKey)) ?? [];
      assert.deepEqual(entries.map(({ outcome }) => outcome).toSorted(), ['notCovered', 'shortened', 'shortened']);
      for (const status of [first, second]) await isWhole(bucket, status.evidence.key ?? '', entries);

      await reconcile(rig, policy, true);
      const month = `custody/reports/${SOURCE.account}/${SOURCE.region}/nightly/${nowOf(rig).slice(0, 7)}`;
      assert.deepEqual(await bucket.keys('custody/reports/'), [`${month}.csv`, `${month}.json`], 'of the full listing');
      assert.equal(JSON.parse(await bucket.read(`${month}.json`)).outcomes.shortened, 2);

      const right = await custody(rig, 'verify-evidence', '--vault', 'nightly', '--json');
      assert.equal(right.code, 0, right.stderr);
      const { points: count, versions, entries: lines, open, problems } = JSON.parse(right.stdout).evidence;
      assert.deepEqual(
        { count, versions, lines, open, problems },
        { count: 2, versions: 6, lines: 3, open: 0, problems: [] },
      );
      const key = (second.evidence.key ?? '').replace('0003', '0002');
      await bucket.write(key, (await bucket.read(key)).replace('"begunBy": "person"', '"begunBy": "event"'));
      const [wrong, report] = await Promise.all([
        custody(rig, 'verify-evidence', '--point', nth(rig, 1).arn),
        custody(rig, 'report', '--month', nowOf(rig).slice(0, 7)),
      ]);
      assert.deepEqual([wrong.code, report.code], [1, 0], report.stderr);
      assert.match(wrong.stdout, /copying[^]*settling[^]*closing +shortened +[0-9a-f]{64} /);
      assert.match(
        wrong.stdout,
        new RegExp(`^changed: s3://holdfast-evidence/${key} was changed after version 3 was written`, 'm'),
      );
      assert.match(wrong.stderr, /1 problem: something is missing or was changed/);
      assert.match(report.stdout, /2 shortened, 1 notCovered +s3:\/\/holdfast-evidence\/custody\/reports\/.*\.csv/);
      bucket.close();
    });
  });

  it('of a night goes into the index in few writes, what a history carried over among it', async () => {
    await withCustodyRig({ speed: 2000 }, async (rig) => {
      const bucket = bucketOf(rig);
      const { account, region } = SOURCE;
      const vault = { account, region, vault: 'nightly' };
      const workflowId = custodyIndexId(vault);
      const { evidence } = policyOf();
      const settled = Array.from({ length: 600 }, (_, number) => ({
        holder: `custody/${number}`,
        evidence,
        entry: entryOf(number),
      }));
      await rig.client.workflow.start('custodyIndex', {
        workflowId,
        taskQueue: TASK_QUEUE,
        args: [{ vault, open: settled.slice(0, 50) }],
      });
      const keeper = rig.client.workflow.getHandle(workflowId);
      for (let at = 50; at < settled.length; at += 2) {
        await Promise.all(settled.slice(at, at + 2).map((point) => keeper.signal(settledSignal, [point])));
      }
      await waitUntil('all are written', async () => (await keeper.query(custodyIndexStatusQuery)).open === 0);
      const [key = ''] = await bucket.keys('custody/index/');
      assert.deepEqual(
        parseIndex(await bucket.read(key)),
        settled.map(({ entry }) => entry),
      );
      assert.ok(rig.sandbox.recorder.count({ operation: 'PutObject' }) <= 15);
      bucket.close();
    });
  });

  it('of one day whose index somebody has replaced keeps no other from being written, and nothing is begun that it may have', async () => {
    const specs = [
      { count: 2, type: 'EFS' },
      { count: 1, type: 'EFS', ageDays: 3 },
    ];
    await withCustodyRig({ speed: 2000, seed: 41, points: specs }, async (rig) => {
      const bucket = bucketOf(rig);
      const [first, second, older] = [nth(rig, 0), nth(rig, 1), nth(rig, 2)];
      const day = new Date(first.createdAt).toISOString().slice(0, 10);
      const key = `custody/index/${SOURCE.account}/${SOURCE.region}/nightly/${day}.json`;
      await bucket.write(key, 'what is this');
      const stuck = await startCustody(rig, refOf(first));
      await untilCustody(stuck, 'it closes', ({ phase }) => phase === 'closing');
      await done(await startCustody(rig, refOf(older)));
      const late = await untilCustody(stuck, 'it says that it waits', ({ health }) => health === 'retrying');
      assert.match(late.retrying ?? '', /custody-index\/111122223333\/eu-central-1\/nightly/);

      const swept = await reconcile(rig, policyOf(), true);
      const { account, region } = SOURCE;
      assert.deepEqual([swept.outcome, swept.counts.started, swept.counts.settled > 0], ['failed', 0, true]);
      assert.deepEqual(
        swept.failures.map(({ where }) => where),
        [
          `${account}/${region}`,
          `${account}/${region}/nightly`,
          `the report of ${account}/${region}/nightly for ${day.slice(0, 7)}`,
          'the index of settled points',
        ],
      );
      assert.match(swept.failures[1]?.why ?? '', new RegExp(`no custody is begun .*${key} is no index`));
      assert.equal(swept.oldestListingDays, null, 'it is listed again by the next sweep');
      assert.equal(await isKnown(rig, second.arn), false);

      await bucket.remove(key);
      const { health, retrying } = await done(stuck);
      assert.deepEqual([health, retrying], ['ok', null]);
      bucket.close();
    });
  });

  it('is written before the original is touched, and a custody waits until it is in the index, however long', async () => {
    await withCustodyRig({ speed: 2000, points: [{ count: 1, type: 'EFS' }] }, async (rig) => {
      const bucket = bucketOf(rig);
      const refused = {
        kind: 'error',
        service: 's3',
        operation: 'PutObject',
        code: 'AccessDenied',
        status: 403,
      } as const;
      const allow = rig.sandbox.faults.add(refused);
      const handle = await startCustody(rig, refOf(nth(rig, 0)));
      const blocked = await untilCustody(
        handle,
        'its copy is verified and its evidence is refused',
        ({ legs, blocked: obstacle }) => legs[0]?.hops[0]?.step === 'verified' && obstacle !== null,
      );
      assert.match(blocked.blocked?.message ?? '', /s3:PutObject holdfast-evidence\/custody\/evidence\//);
      assert.equal(blocked.health, 'blocked');
      const later = rig.sandbox.clock.now() + 3_600_000;
      await waitUntil('an hour has passed', () => rig.sandbox.clock.now() > later);
      assert.equal((await untilCustody(handle, 'it waits', ({ outcome }) => outcome === null)).change, null);
      assert.equal(rig.sandbox.recorder.count({ operation: 'UpdateRecoveryPointLifecycle' }), 0);

      const index = `custody/index/${SOURCE.account}/${SOURCE.region}/nightly/${blocked.point?.createdAt.slice(0, 10)}.json`;
      const lost = { kind: 'error', operation: 'PutObject', resource: index, code: 'SlowDown', status: 503 } as const;
      const bringBack = rig.sandbox.faults.add(lost);
      allow();
      await untilCustody(handle, 'it closes', ({ evidence }) => evidence.versions === 3);
      const { account, region } = SOURCE;
      const keeper = rig.client.workflow.getHandle(custodyIndexId({ account, region, vault: 'nightly' }));
      const toldWhy = async (): Promise<boolean> => {
        const { open, trouble } = await keeper.query(custodyIndexStatusQuery);
        return open === 1 && trouble !== null;
      };
      await waitUntil('the index says why', toldWhy);
      await keeper.terminate('as if it had never been');
      await waitUntil('it is asked once more', async () => (await keeper.describe()).status.name === 'RUNNING');
      await waitUntil('the index says why again', toldWhy);
      assert.equal((await handle.describe()).status.name, 'RUNNING');
      bringBack();
      const { evidence, blocked: left } = await done(handle);
      assert.deepEqual([evidence.versions, left, (await bucket.keys('custody/index/')).length], [3, null, 1]);
      const point = points({ world: rig.sandbox.world, ...SOURCE }).get(nth(rig, 0).arn);
      assert.equal(point?.lifecycle.deleteAfterDays, 8);
      bucket.close();
    });
  });
});

const nowOf = (rig: CustodyRig): string => new Date(rig.sandbox.clock.now()).toISOString();

/** Each version fits the published schema, follows on the one before, and the last is what the index names. */
async function isWhole(
  bucket: ReturnType<typeof bucketOf>,
  lastKey: string,
  entries: readonly IndexEntry[],
): Promise<void> {
  const keys = await bucket.keys(lastKey.slice(0, lastKey.lastIndexOf('/') + 1));
  let before: string | null = null;
  const phases: string[] = [];
  for (const key of keys) {
    const text = await bucket.read(key);
    const document = JSON.parse(text) as EvidenceDocument;
    assert.deepEqual(published.safeParse(document).error, undefined);
    assert.equal(document.previousSha256, before);
    phases.push(document.state.phase);
    before = sha256Of(text);
  }
  assert.deepEqual(phases, ['copying', 'settling', 'closing']);
  const entry = entries.find(({ evidence }) => evidence?.key === lastKey);
  assert.deepEqual(entry?.evidence, { key: lastKey, versions: 3, sha256: before });
}
