import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { z } from 'zod';
import { policySha256 } from '../../domain/evidence.ts';
import { entryFacts } from '../../domain/evidence-entry.ts';
import type { CustodyAnswer } from '../../domain/evidence-check.ts';
import { evidenceKey, folderOfPoint, vaultDayOf } from '../../domain/evidence-keys.ts';
import { custodyCsv, custodyJson } from '../../report/custody-report.ts';
import { judgeChain, judgeOpen, type ReadChain } from '../../report/evidence-chain.ts';
import { indexText, mergeEntries, parseIndex } from '../../report/evidence-index.ts';
import { evidenceSchemaText } from '../../report/evidence-schema.ts';
import { evidenceText, sha256Of } from '../../report/evidence.ts';
import type { CustodyState, PointFacts } from '../../domain/custody.ts';
import { closingState, copyingState, entryOf, factsOf, pointRef, policy, rule, vault } from '../rig/evidence.ts';

const point = pointRef(1);
const head = { workflowId: `custody/${point.arn}`, policy: 'nightly', begunBy: 'event' } as const;
const seen = (state: CustodyState) => state as CustodyState & { readonly point: PointFacts };
const first = { version: 1, previousSha256: null };

/** Keys in another order, at every depth. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, each]) => [key, turned(each)]),
  );
}

describe('an evidence document', () => {
  it('is the same text for the same knowledge, in whatever order it was learned', () => {
    const state = closingState(point);
    const other = turned(state) as CustodyState;
    assert.notEqual(JSON.stringify(state), JSON.stringify(other));
    assert.equal(evidenceText(head, seen(state), first), evidenceText(head, seen(other), first));
  });

  it('fits the published schema, and nothing else does', () => {
    const file = readFileSync(new URL('../../report/evidence-schema.json', import.meta.url), 'utf8');
    assert.equal(file, evidenceSchemaText(), 'run node scripts/make-evidence-schema.ts');
    const published = z.fromJSONSchema(JSON.parse(file));
    for (const state of [copyingState(point), closingState(point)]) {
      const document = JSON.parse(evidenceText(head, seen(state), first));
      assert.deepEqual(published.safeParse(document).error, undefined);
      for (const field of Object.keys(document)) {
        const { [field]: _left, ...rest } = document;
        assert.equal(published.safeParse(rest).success, false, field);
      }
      assert.equal(published.safeParse({ ...document, version: 0 }).success, false);
      assert.equal(published.safeParse({ ...document, more: 1 }).success, false);
    }
  });

  it('lies under its vault, the UTC day of its point’s creation and the hash of its ARN', () => {
    const at = vaultDayOf(point, '2026-03-02T23:59:59.000Z');
    const key = evidenceKey('custody/', at, point.arn, 3);
    assert.match(key, /^custody\/evidence\/111122223333\/eu-central-1\/nightly\/2026-03-02\/[0-9a-f]{32}\/0003\.json$/);
  });
});

describe('the index', () => {
  const entries = fc.array(
    fc
      .record({ number: fc.nat(8), second: fc.nat(59) })
      .map(({ number, second }) =>
        entryOf(number, { closedAt: `2026-03-02T09:00:${String(second).padStart(2, '0')}Z` }),
      ),
  );

  it('keeps one entry a point, that of the custody that closed last, in whatever order they come', () => {
    fc.assert(
      fc.property(entries, entries, (a, b) => {
        const both = mergeEntries(mergeEntries([], a), b);
        assert.deepEqual(mergeEntries(both, [...b, ...a]), both, 'again changes nothing');
        assert.deepEqual(
          mergeEntries(mergeEntries([], b), a).map(({ closedAt }) => closedAt),
          both.map(({ closedAt }) => closedAt),
        );
        const arns = both.map(({ pointArn }) => pointArn);
        assert.deepEqual(arns, [...new Set(arns)].toSorted());
        for (const { pointArn, closedAt } of [...a, ...b]) {
          assert.ok((both.find((each) => each.pointArn === pointArn)?.closedAt ?? '') >= closedAt);
        }
      }),
    );
  });

  it('is read as it was written, and is nothing when somebody has changed it', () => {
    const written = [entryOf(1), entryOf(2)];
    const text = indexText({ vault, day: '2026-03-02' }, written);
    assert.deepEqual(parseIndex(text), written);
    assert.equal(text.split('\n').length, 5, 'an entry a line');
    assert.deepEqual(parseIndex(indexText({ vault, day: '2026-03-02' }, [])), []);
    for (const other of ['', '[]', '{"entries":[]}', text.slice(0, -10)]) assert.equal(parseIndex(other), undefined);
  });

  it('says of a point what its last document says', () => {
    const facts = entryFacts(closingState(point));
    assert.equal(facts?.outcome, 'shortened');
    assert.equal(facts.deleteAtBefore, '2026-04-06T01:00:00.000Z');
    assert.equal(facts.deleteAtAfter, '2026-03-10T01:00:00.000Z');
    assert.equal(facts.legs[0]?.destinationVaultArn, 'arn:aws:backup:eu-central-1:444455556666:backup-vault:nightly');
    assert.equal(entryFacts(copyingState(point)), null);
    const deleted = closingState(point);
    if (deleted.change) deleted.change.readBack = null;
    assert.equal(entryFacts(deleted)?.deleteAtAfter, '2026-03-02T08:30:01.000Z', 'when it was done');
    assert.equal(
      entryFacts({ ...deleted, change: null, point: factsOf(point) })?.deleteAtAfter,
      factsOf(point).deleteAt,
    );
  });

  it('brings points up again only for what decides about them', () => {
    assert.equal(
      policySha256(policy),
      policySha256({ ...policy, fullListingDays: 1, operatorTopicArn: 'arn' } as object as typeof policy),
    );
    assert.notEqual(policySha256(policy), policySha256({ ...policy, rules: [{ ...rule, minRemainingDays: 2 }] }));
    const elsewhere = { sources: [{ account: '444455556666', region: 'eu-central-1' }] };
    assert.equal(policySha256(policy), policySha256({ ...policy, ...elsewhere }));
    const ofCopies = { ...policy, rules: [{ ...rule, match: { ...rule.match, source: 'copy' as const } }] };
    assert.notEqual(policySha256(ofCopies), policySha256({ ...ofCopies, ...elsewhere }), 'whose copies are its own');
  });
});

describe('a chain of evidence', () => {
  const at = vaultDayOf(point, factsOf(point).createdAt);

  /** Copying, then closed: what a custody leaves. */
  function chain(): ReadChain {
    const texts = [evidenceText(head, seen(copyingState(point)), first)];
    texts.push(evidenceText(head, seen(closingState(point)), { version: 2, previousSha256: sha256Of(texts[0] ?? '') }));
    const versions = texts.map((text, index) => ({
      key: evidenceKey('custody/', at, point.arn, index + 1),
      bytes: new TextEncoder().encode(text),
    }));
    const { key = '', bytes = new Uint8Array() } = versions[1] ?? {};
    const entry = entryOf(1, { evidence: { key, versions: 2, sha256: sha256Of(bytes) } });
    return { ...at, folder: folderOfPoint(point.arn), versions, entry };
  }

  const text = ({ versions }: ReadChain, index: number): string => new TextDecoder().decode(versions[index]?.bytes);
  const changed = (whole: ReadChain, index: number, bytes: Uint8Array): ReadChain => ({
    ...whole,
    versions: whole.versions.map((version, each) => (each === index ? { ...version, bytes } : version)),
  });
  const edited = (whole: ReadChain, index: number, edit: (text: string) => string): ReadChain =>
    changed(whole, index, new TextEncoder().encode(edit(text(whole, index))));
  const kinds = (read: ReadChain): string[] => judgeChain(read).problems.map(({ kind }) => kind);

  it('is whole as it was written', () => {
    const judged = judgeChain(chain());
    assert.deepEqual(judged.problems, []);
    assert.equal(judged.isSettled, true);
    assert.deepEqual(
      judged.versions.map(({ version, phase, outcome }) => [version, phase, outcome]),
      [
        [1, 'copying', null],
        [2, 'closing', 'shortened'],
      ],
    );
  });

  const whole = chain();
  const { entry } = whole;
  const cases: [string, ReadChain, string[]][] = [
    ['a changed first version', edited(whole, 0, (old) => old.replace('db-1', 'db-2')), ['changed']],
    ['a changed last version', edited(whole, 1, (old) => old.replace('db-1', 'db-2')), ['changed']],
    ['a space more', edited(whole, 0, (old) => `${old} `), ['changed']],
    ['a first version that is gone', { ...whole, versions: whole.versions.slice(1) }, ['missing']],
    ['a last version that is gone', { ...whole, versions: whole.versions.slice(0, 1) }, ['missing']],
    ['a whole chain that is gone', { ...whole, versions: [] }, ['missing']],
    ['an index without the evidence', { ...whole, entry: entry && { ...entry, evidence: null } }, ['differs']],
    [
      'an index without it, and no version',
      { ...whole, versions: [], entry: entry && { ...entry, evidence: null } },
      ['differs'],
    ],
    ['an index that says another outcome', { ...whole, entry: entry && { ...entry, outcome: 'kept' } }, ['differs']],
    [
      'an index whose copy is kept longer',
      { ...whole, entry: entry && { ...entry, legs: entry.legs.map((leg) => ({ ...leg, deleteAt: null })) } },
      ['differs'],
    ],
    ['what is no JSON', changed(whole, 0, new Uint8Array([0xff, 0xfe])), ['invalid', 'changed']],
    ['a document of another shape', edited(whole, 1, () => '{"schema":"other"}'), ['invalid', 'changed']],
    ['a chain of another point', { ...whole, folder: folderOfPoint('arn:aws:other') }, ['invalid', 'invalid']],
    ['a chain of another day', { ...whole, day: '2026-03-03' }, ['invalid', 'invalid']],
    [
      'a strange object',
      {
        ...whole,
        versions: [
          ...whole.versions,
          { key: `${evidenceKey('custody/', at, point.arn, 1)}.bak`, bytes: new Uint8Array() },
        ],
      },
      ['invalid'],
    ],
  ];
  for (const [what, read, expected] of cases) {
    it(`shows ${what}`, () => assert.deepEqual(kinds(read), expected));
  }

  it('shows a change of any byte, wherever it is', () => {
    fc.assert(
      fc.property(fc.nat(1), fc.nat(), fc.integer({ min: 1, max: 255 }), (index, where, by) => {
        const bytes = Uint8Array.from(whole.versions[index]?.bytes ?? []);
        const byte = where % bytes.length;
        bytes[byte] = (bytes[byte] ?? 0) ^ by;
        assert.notDeepEqual(kinds(changed(whole, index, bytes)), []);
      }),
      { numRuns: 40 },
    );
  });

  it('without an entry in the index is judged by what its custody says', () => {
    const { entry: _entry, ...rest } = whole;
    const begun = judgeChain({ ...rest, entry: undefined, versions: whole.versions.slice(0, 1) });
    const ended = judgeChain({ ...rest, entry: undefined });
    const sha256 = begun.versions[0]?.sha256 ?? '';
    const ask = (evidence: CustodyAnswer['evidence'], running = true): CustodyAnswer => ({ running, evidence });
    const of = (judged: typeof begun, answer: CustodyAnswer): string[] =>
      judgeOpen(judged, answer).map(({ kind }) => kind);
    assert.deepEqual(of(begun, ask({ versions: 1, sha256 })), []);
    assert.deepEqual(of(ended, ask({ versions: 1, sha256 })), [], 'it has written since');
    assert.deepEqual(of(begun, ask(null)), [], 'it cannot be asked at present');
    assert.deepEqual(of(begun, ask({ versions: 1, sha256: '0' })), ['changed']);
    assert.deepEqual(of(begun, ask({ versions: 2, sha256: '0' })), ['missing']);
    assert.deepEqual(of(begun, ask(null, false)), ['unfinished']);
    assert.deepEqual(of(ended, ask(null, false)), ['unindexed']);
  });
});

describe('the report of a vault and month', () => {
  const entries = [
    entryOf(1),
    entryOf(2, { outcome: 'unsupported', reason: '=no', legs: [], deleteAtBefore: null, deleteAtAfter: null }),
  ];

  const restored = {
    workflowId: 'restore-test/1',
    runId: 'r',
    pointArn: pointRef(1).arn,
    resourceArn: null,
    pointCreatedAt: null,
    outcome: 'verified',
    ok: true,
    reason: '',
    verifiedAt: '2026-03-01T05:00:00Z',
    secondsToRestore: 300,
    jobId: null,
    restoredArn: null,
  } as const;
  const earlier = { ...restored, verifiedAt: '2026-02-01T05:00:00Z' };
  const tested = {
    vault,
    resourceType: 'EBS',
    lastVerified: restored,
    tests: [restored, earlier],
  } as const;

  const missing = new Map([[entries[0]?.legs[0]?.copyArn ?? '', '2026-03-09T01:00:00.000Z']]);

  it('has a line a point, with its copies and what became of the original', () => {
    const [names, one, two, end] = [...custodyCsv({ entries, restoreTests: [tested], missing })].join('').split('\r\n');
    assert.match(names ?? '', /^RecoveryPointArn,ResourceArn,.*,EvidenceSha256,RestoredAt,TypeRestoredAt$/);
    assert.match(
      one ?? '',
      /,shortened,"1 day old, 7 days: 8 days",2026-03-02T08:30:02Z,databases,1,1,backup=arn:aws:backup:/,
    );
    assert.match(
      one ?? '',
      /,2026-04-06T01:00:00Z,2026-03-09T01:00:00Z,2026-04-06T01:00:00Z,2026-03-10T01:00:00Z,,0,,2026-03-01T05:00:00Z,2026-03-01T05:00:00Z$/,
    );
    assert.match(two ?? '', /,unsupported,'=no,.*,never,never,,0,,,2026-03-01T05:00:00Z$/, 'no formula');
    assert.equal(end, '');
  });

  it('has one line of names, however many parts it comes in', () => {
    const many = Array.from({ length: 2_500 }, () => entries[0] ?? assert.fail());
    const parts = [...custodyCsv({ entries: many, restoreTests: [], missing: new Map() })];
    const lines = parts.join('').split('\r\n');
    assert.equal(parts.length, 4);
    assert.deepEqual([lines.length, lines.filter((line) => line.startsWith('RecoveryPointArn')).length], [2_502, 1]);
  });

  it('counts each outcome, what AWS cannot copy among them, and tells of restore tests', () => {
    const report = JSON.parse(custodyJson({ vault, month: '2026-03', entries, restoreTests: [tested], missing }));
    assert.equal(report.recoveryPoints, 2);
    assert.deepEqual([report.outcomes.shortened, report.outcomes.unsupported, report.outcomes.gone], [1, 1, 0]);
    assert.deepEqual(report.copies, [
      { vaultArn: 'arn:aws:backup:eu-central-1:444455556666:backup-vault:nightly', copies: 1, verified: 1 },
    ]);
    assert.equal(report.missingCopies, 1);
    assert.deepEqual(report.restoreTests, [
      { resourceType: 'EBS', lastVerifiedAt: '2026-03-01T05:00:00Z', lastOutcome: 'verified', secondsToRestore: 300 },
    ]);
  });
});
