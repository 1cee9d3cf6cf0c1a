import assert from 'node:assert/strict';
import {
  restoreTestDocument,
  restoreTestKey,
  type RestoreTestDocument,
  type RestoreTestRecord,
} from '../../domain/restore-test-record.ts';
import { sha256Of } from '../../report/evidence.ts';
import { judgeRestoreTests, parseRestoreTest, restoreTestText } from '../../report/restore-test-chain.ts';

const vault = { account: '111122223333', region: 'eu-central-1', vault: 'nightly' };
const tested = { vault, resourceType: 'RDS' } as const;
const evidence = { target: vault, place: { bucket: 'b', prefix: 'custody/', kmsKeyArn: null } };

const record = (runId: string, ok: boolean, verifiedAt: string): RestoreTestRecord => ({
  workflowId: 'restore-test/…',
  runId,
  pointArn: `arn:${runId}`,
  resourceArn: null,
  pointCreatedAt: null,
  outcome: ok ? 'verified' : 'failed',
  ok,
  reason: '',
  verifiedAt,
  secondsToRestore: 300,
  jobId: 'J',
  restoredArn: null,
});

/** As activities write them one after the other. */
function chainOf(...records: RestoreTestRecord[]): { readonly key: string; document: RestoreTestDocument }[] {
  const chain: { key: string; document: RestoreTestDocument }[] = [];
  for (const each of records) {
    const last = chain.at(-1)?.document;
    const before = last ? { document: last, sha256: sha256Of(restoreTestText(last)) } : null;
    const document = restoreTestDocument(tested, each, before);
    chain.push({ key: restoreTestKey(evidence, document), document });
  }
  return chain;
}

const judge = (chain: ReturnType<typeof chainOf>): string[] =>
  judgeRestoreTests({
    ...tested,
    versions: chain.map(({ key, document }) => ({ key, bytes: Buffer.from(restoreTestText(document)) })),
  }).map(({ kind, key }) => `${kind} ${key.slice(-9, -5)}`);

describe('the records of restore tests', () => {
  const three = () =>
    chainOf(
      record('1', true, '2026-03-01T08:00:00Z'),
      record('2', false, '2026-03-08T08:00:00Z'),
      record('3', false, '2026-03-15T08:00:00Z'),
    );

  it('are one object each, of which the last knows when a restore was verified last', () => {
    const [first, , last] = three();
    assert.equal(first?.key, 'custody/restore-tests/111122223333/eu-central-1/nightly/RDS/0001.json');
    assert.deepEqual(last?.document.lastVerified, {
      verifiedAt: '2026-03-01T08:00:00Z',
      secondsToRestore: 300,
      pointArn: 'arn:1',
    });
    assert.deepEqual(parseRestoreTest(Buffer.from(restoreTestText(last.document))), last.document);
    assert.equal(parseRestoreTest(Buffer.from('{}')), null);
    assert.deepEqual(judge(three()), []);
  });

  it('show what was changed, removed, moved, or claimed', () => {
    const changed = three();
    const [, second] = changed;
    if (second) second.document = { ...second.document, test: { ...second.document.test, reason: 'nothing' } };
    assert.deepEqual(judge(changed), ['changed 0002']);
    assert.deepEqual(judge(three().filter((_, index) => index !== 1)), ['missing 0003']);
    const claimed = three();
    const last = claimed.at(-1);
    if (last) last.document = { ...last.document, lastVerified: { ...record('9', true, '2026-03-14T08:00:00Z') } };
    assert.deepEqual(judge(claimed), ['differs 0003']);
    const moved = chainOf(record('1', true, '2026-03-01T08:00:00Z')).map(({ key, document }) => ({
      key,
      document: { ...document, resourceType: 'EBS' },
    }));
    assert.deepEqual(judge(moved), ['invalid 0001']);
  });
});
