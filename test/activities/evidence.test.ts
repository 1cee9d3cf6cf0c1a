import assert from 'node:assert/strict';
import { asyncLocalStorage, type Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { createCustodyReportsActivities } from '../../activities/custody-reports.ts';
import { createEvidenceActivities } from '../../activities/evidence.ts';
import { createEvidenceCheckActivities } from '../../activities/evidence-check.ts';
import { settledPointsOf } from '../../activities/evidence-index.ts';
import type { CustodyState } from '../../domain/custody.ts';
import type { EvidenceScope } from '../../domain/evidence-check.ts';
import { policySha256, type EvidencePlace, type IndexEntry } from '../../domain/evidence.ts';
import { evidencePrefix, indexKey, lastMonths, vaultDayOf } from '../../domain/evidence-keys.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { seedKey } from '../../sandbox/services/kms.ts';
import { seedBucket } from '../../sandbox/services/s3.ts';
import { parseIndex } from '../../report/evidence-index.ts';
import { sha256Of } from '../../report/evidence.ts';
import {
  closingState,
  copyingState,
  entryOf,
  evidence,
  factsOf,
  inputOf,
  pointRef,
  policy,
  vault,
} from '../rig/evidence.ts';

const { bucket, prefix } = evidence.place;
const { account, region } = evidence.target;
const point = pointRef(1);
const input = inputOf(point);
const day = vaultDayOf(point, factsOf(point).createdAt);

/** Workflows are not asked here: what is asked of Temporal is kept. */
const told: unknown[] = [];
const client = {
  workflow: { signalWithStart: async (...args: unknown[]) => void told.push(args) },
} as unknown as Client;

describe('evidence in S3', () => {
  let sandbox: Sandbox;
  let s3: S3Client;
  beforeEach(async () => {
    sandbox = await startSandbox({ startTime: '2026-03-02T08:00:00Z' });
    seedBucket(sandbox.world, { name: bucket, account, region });
    const credentials = { accessKeyId: account, secretAccessKey: 'sandbox' };
    s3 = new S3Client({ region, endpoint: sandbox.endpoint, maxAttempts: 1, credentials });
    told.length = 0;
  });
  afterEach(async () => {
    s3.destroy();
    await sandbox.close();
  });

  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    const context = { cancellationSignal: new AbortController().signal, heartbeat: () => undefined };
    return await asyncLocalStorage.run(context as unknown as Context, work);
  };
  const s3For = (): S3Client => s3;
  const activities = () => createEvidenceActivities({ s3For, client, settledPoints: settledPointsOf({ s3For }) });
  const write = (state: CustodyState, of = input) => run(() => activities().writeEvidence({ input: of, state }));
  const append = (entries: readonly IndexEntry[], place: EvidencePlace = evidence) =>
    run(() => activities().appendIndex({ evidence: place, vault, entries }));
  const textOf = async (Key: string): Promise<string> =>
    (await (await s3.send(new GetObjectCommand({ Bucket: bucket, Key }))).Body?.transformToString()) ?? '';
  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  const keys = async (below: string): Promise<string[]> =>
    ((await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: below }))).Contents ?? []).map(
      ({ Key = '' }) => Key,
    );
  const indexed = async (): Promise<readonly IndexEntry[]> => parseIndex(await textOf(indexKey(prefix, day))) ?? [];
  const calls = (operation: string): number => sandbox.recorder.calls({ operation }).length;

  describe('a version', () => {
    it('follows on the one before by its hash, and the same again is the same', async () => {
      const one = await write(copyingState(point));
      assert.deepEqual(await write(copyingState(point)), one);
      const two = await write(closingState(point, { evidence: one }));
      assert.deepEqual([one.versions, two.versions], [1, 2]);
      assert.equal(sha256Of(await textOf(one.key)), one.sha256);
      const document = JSON.parse(await textOf(two.key));
      assert.deepEqual(
        [document.previousSha256, document.version, document.state.outcome],
        [one.sha256, 2, 'shortened'],
      );
      assert.deepEqual(await keys(evidencePrefix(prefix, day, point.arn)), [one.key, two.key]);
    });

    it('is never written over: an attempt whose reply was lost is followed, not replaced', async () => {
      const one = await write(copyingState(point));
      const lost = await write(copyingState(point, { evidence: one, now: '2026-03-02T08:05:00.000Z' }));
      const before = await textOf(lost.key);
      const next = await write(copyingState(point, { evidence: one, now: '2026-03-02T08:06:00.000Z' }));
      assert.equal(next.versions, 3);
      assert.deepEqual(await write(copyingState(point, { evidence: one, now: '2026-03-02T08:06:00.000Z' })), next);
      assert.equal(await textOf(lost.key), before);
      assert.equal(JSON.parse(await textOf(next.key)).previousSha256, lost.sha256);
    });

    it('goes on a chain that an earlier custody of the point has left', async () => {
      await write(closingState(point, { evidence: await write(copyingState(point)) }));
      const again = copyingState(point, { now: '2026-05-01T00:00:00.000Z' });
      const next = await write(again);
      assert.equal(next.versions, 3);
      assert.deepEqual(await write(again), next);
    });

    it('is refused where somebody else’s document lies, which stays as it is', async () => {
      const one = await write(copyingState(point));
      const foreign = one.key.replace('0001', '0002');
      await put(foreign, '{"previousSha256":"other"}');
      await assert.rejects(write(closingState(point, { evidence: one })), {
        type: 'SafetyRefused',
        nonRetryable: true,
        message: /holdfast-reports\/custody\/evidence\/.*0002\.json is not what this custody/,
      });
      assert.equal(await textOf(foreign), '{"previousSha256":"other"}');
    });

    it('does not go into a bucket of another account', async () => {
      seedBucket(sandbox.world, { name: 'theirs', account: '999988887777', region });
      const place = { ...evidence.place, bucket: 'theirs' };
      await assert.rejects(write(copyingState(point), inputOf(point, { evidence: { ...evidence, place } })), {
        type: 'AccessDenied',
      });
    });

    it('is encrypted with the key of the policy', async () => {
      const { arn } = seedKey(sandbox.world, { account, region, keyId: '11112222-3333-4444-8555-666677778888' });
      const place = { ...evidence.place, kmsKeyArn: arn };
      const { key } = await write(copyingState(point), inputOf(point, { evidence: { ...evidence, place } }));
      assert.equal((await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))).SSEKMSKeyId, arn);
    });

    it('that is the last one is told to the index of the vault', async () => {
      const ref = await run(() => activities().settlePoint({ input, state: closingState(point) }));
      assert.equal(ref?.versions, 1);
      const [[type, options]] = told as [[string, { workflowId: string; signalArgs: { entry: IndexEntry }[][] }]];
      assert.deepEqual([type, options.workflowId], ['custodyIndex', 'custody-index/111122223333/eu-central-1/nightly']);
      assert.deepEqual(options.signalArgs[0]?.[0]?.entry.evidence, ref);
      assert.equal(options.signalArgs[0]?.[0]?.entry.policySha256, policySha256(policy));
    });

    it('is not written of a point that no rule was for: the index is enough', async () => {
      const state = closingState(point, { outcome: 'notCovered', rule: null, legs: [], change: null });
      assert.equal(await run(() => activities().settlePoint({ input, state })), null);
      assert.deepEqual(await keys(prefix), []);
      assert.equal(told.length, 1);
    });
  });

  describe('the index', () => {
    it('takes the entries of several writers at once, each once', async () => {
      const all = Array.from({ length: 12 }, (_each, number) => entryOf(number));
      await Promise.all([0, 3, 6, 9].map((from) => append(all.slice(from, from + 4))));
      assert.deepEqual(await indexed(), all);
      const writes = calls('PutObject');
      await append(all);
      assert.equal(calls('PutObject'), writes, 'the same again is not written');
    });

    it('is written again where AWS says that another writes at the same moment', async () => {
      await append([entryOf(1)]);
      for (const [status, code] of [
        [409, 'ConditionalRequestConflict'],
        [412, 'PreconditionFailed'],
      ] as const) {
        sandbox.faults.add({ kind: 'error', operation: 'PutObject', status, code, count: 1 });
      }
      await append([entryOf(2)]);
      assert.deepEqual(await indexed(), [entryOf(1), entryOf(2)]);
    });

    it('has an object for each day of creation', async () => {
      await append([entryOf(1), entryOf(2, { createdAt: '2026-03-01T23:59:59.000Z' })]);
      const folder = 'custody/index/111122223333/eu-central-1/nightly/';
      assert.deepEqual(await keys(`${prefix}index/`), [`${folder}2026-03-01.json`, `${folder}2026-03-02.json`]);
    });

    it('is not written over when somebody has made something else of it, which keeps no other day from being written', async () => {
      await put(indexKey(prefix, day), 'what is this');
      const { failed } = await append([entryOf(1), entryOf(2, { createdAt: '2026-03-03T00:00:00.000Z' })]);
      assert.deepEqual(
        failed.map((each) => each.day),
        ['2026-03-02'],
      );
      assert.match(failed[0]?.why ?? '', /2026-03-02\.json is no index of settled points/);
      assert.equal(await textOf(indexKey(prefix, day)), 'what is this');
      assert.equal(parseIndex(await textOf(indexKey(prefix, { vault, day: '2026-03-03' })))?.length, 1);
    });

    it('is tried again as a whole where nothing could be written', async () => {
      sandbox.faults.add({ kind: 'error', operation: 'PutObject', status: 503, code: 'SlowDown' });
      const entries = [entryOf(1), entryOf(2, { createdAt: '2026-03-03T00:00:00.000Z' })];
      await assert.rejects(append(entries), { type: 'Throttled', message: /s3:PutObject .*2026-03-0\d\.json/ });
    });

    it('knows a settled point at once and for good, and one that no rule was for until the rules change', async () => {
      const ask = activities();
      const answer = (numbers: number[], hash = 'policy') =>
        run(() =>
          ask.settledPoints({
            evidence,
            points: numbers.map((number) => ({ ref: pointRef(number), createdAt: factsOf(point).createdAt })),
            policySha256: hash,
          }),
        );
      const settled = async (numbers: number[], hash = 'policy') => (await answer(numbers, hash)).settled;
      assert.deepEqual(await settled([1, 2]), []);
      await append([entryOf(1), entryOf(2, { outcome: 'notCovered' }), entryOf(4, { outcome: 'belongsToAnother' })]);
      assert.deepEqual(await settled([1, 2, 3, 4]), [pointRef(1).arn, pointRef(2).arn, pointRef(4).arn]);
      assert.deepEqual(await settled([1, 2, 4], 'changed'), [pointRef(1).arn]);
      await append([entryOf(3)]);
      assert.deepEqual(await settled([3]), [pointRef(3).arn], 'a moment later');
      const job = [{ ref: pointRef(3), createdAt: '2026-03-01T23:50:00.000Z' }];
      const byJob = await run(() => ask.settledPoints({ evidence, points: job, policySha256: 'policy' }));
      assert.deepEqual(byJob, { settled: [pointRef(3).arn], unread: [] }, 'its backup job began the day before');
      const reads = calls('GetObject');
      assert.deepEqual(await settled([1, 3]), [pointRef(1).arn, pointRef(3).arn]);
      assert.equal(calls('GetObject'), reads, 'what is known is not asked again');
    });

    it('says of which points it cannot tell, as their day cannot be read, and tells of all others', async () => {
      const ask = activities();
      const other = { ref: pointRef(2), createdAt: '2026-03-05T00:00:00.000Z' };
      await append([entryOf(2, { createdAt: other.createdAt })]);
      await put(indexKey(prefix, day), 'what is this');
      const points = [{ ref: point, createdAt: factsOf(point).createdAt }, other];
      const read = () => run(() => ask.settledPoints({ evidence, points, policySha256: 'policy' }));
      const { settled, unread } = await read();
      assert.deepEqual([settled, unread.map(({ arn }) => arn)], [[pointRef(2).arn], [point.arn]]);
      assert.match(unread[0]?.why ?? '', /2026-03-02\.json is no index of settled points/);
      sandbox.faults.add({ kind: 'error', operation: 'GetObject', status: 503, code: 'SlowDown' });
      await assert.rejects(read(), { type: 'Throttled' });
    });
  });

  describe('a check', () => {
    const scope: EvidenceScope = { account: null, region: null, vault: null, month: null, pointArn: null };
    const check = async (changes: Partial<EvidenceScope> = {}) => {
      const checks = createEvidenceCheckActivities({ s3For: () => s3, client });
      const asked = { ...scope, ...changes };
      const vaults = await run(() => checks.evidenceDays({ evidence, scope: asked }));
      const days = vaults.flatMap((each) => each.days.map((own) => ({ vault: each.vault, day: own })));
      const from = { day: 0, after: null };
      return { days, page: await run(() => checks.checkEvidence({ evidence, days, from, pointArn: asked.pointArn })) };
    };
    /** So many custodies, each of two versions, in the index. */
    const settle = async (numbers: number[]): Promise<IndexEntry[]> => {
      const entries: IndexEntry[] = [];
      for (const number of numbers) {
        const of = inputOf(pointRef(number));
        const one = await write(copyingState(pointRef(number)), of);
        const two = await write(closingState(pointRef(number), { evidence: one }), of);
        entries.push(entryOf(number, { evidence: two }));
      }
      await append(entries);
      return entries;
    };

    it('finds nothing wrong with what was written, and says how much that is', async () => {
      await settle([1, 2, 3]);
      await append([entryOf(4, { outcome: 'notCovered' })]);
      const { days, page } = await check();
      assert.deepEqual(days, [{ vault, day: '2026-03-02' }]);
      assert.deepEqual(
        { ...page, chain: page.chain.length },
        { points: 3, versions: 6, entries: 4, open: 0, problems: [], chain: 0, next: null },
      );
    });

    it('names the object that was changed or removed, and its recovery point', async () => {
      const [one, two, three] = await settle([1, 2, 3]);
      const [first = '', second = '', third = ''] = [one, two, three].map((entry) => entry?.evidence?.key);
      await put(first.replace('0002', '0001'), (await textOf(first.replace('0002', '0001'))).replace('db-1', 'db-9'));
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: second }));
      for (const key of [third, third.replace('0002', '0001')]) {
        await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      }
      const { page } = await check();
      assert.deepEqual(
        page.problems.map(({ kind, key, pointArn }) => [kind, key, pointArn].join(' ')).toSorted(),
        [
          `changed ${first.replace('0002', '0001')} ${pointRef(1).arn}`,
          `missing ${second} ${pointRef(2).arn}`,
          `missing ${third} ${pointRef(3).arn}`,
        ].toSorted(),
      );
    });

    it('shows the chain of the one point that is asked for, wherever it lies', async () => {
      await settle([1, 2]);
      const { page } = await check({ pointArn: pointRef(2).arn });
      assert.deepEqual([page.points, page.entries, page.problems], [1, 1, []]);
      assert.deepEqual(
        page.chain.map(({ version, phase, outcome }) => [version, phase, outcome]),
        [
          [1, 'copying', null],
          [2, 'closing', 'shortened'],
        ],
      );
    });

    it('says of an index that somebody has replaced that it is none', async () => {
      await settle([1]);
      await put(indexKey(prefix, day), '{}');
      const { page } = await check({ pointArn: 'arn:aws:none' });
      assert.deepEqual(
        page.problems.map(({ kind, key }) => [kind, key]),
        [['invalid', indexKey(prefix, day)]],
      );
    });

    it('looks only at the account, Region, vault and month that it is asked for', async () => {
      await settle([1]);
      for (const other of [
        { account: '444455556666' },
        { region: 'eu-west-1' },
        { vault: 'other' },
        { month: '2026-02' },
      ]) {
        assert.deepEqual((await check(other)).days, [], JSON.stringify(other));
      }
      const right = { account, region, vault: 'nightly', month: '2026-03' };
      assert.deepEqual((await check(right)).days, [{ vault, day: '2026-03-02' }]);
    });
  });

  it('is summed up in a report for each vault and month', async () => {
    await append([entryOf(1), entryOf(2, { createdAt: '2026-03-31T00:00:00.000Z', outcome: 'unsupported' })]);
    await append([entryOf(3, { createdAt: '2026-04-01T00:00:00.000Z' })]);
    const reports = createCustodyReportsActivities({ s3For: () => s3 });
    const [march, april] = await run(() =>
      reports.writeMonthReports({ evidence, vault, months: [...lastMonths('2026-03-31'), '2026-04'], onlyIfAny: true }),
    );
    assert.equal(march?.csv, 's3://holdfast-reports/custody/reports/111122223333/eu-central-1/nightly/2026-03.csv');
    assert.deepEqual([march.outcomes.shortened, march.outcomes.unsupported, april?.outcomes.shortened], [1, 1, 1]);
    assert.equal((await textOf(march.csv.slice(`s3://${bucket}/`.length))).split('\r\n').length, 4);
    assert.equal(JSON.parse(await textOf(march.json.slice(`s3://${bucket}/`.length))).outcomes.unsupported, 1);
  });
});
