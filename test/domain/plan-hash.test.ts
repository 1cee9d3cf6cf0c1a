import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DEFAULTS, type ImageUpgradeInput } from '../../domain/image-upgrade.ts';
import { planDifference, planHash } from '../../domain/plan-hash.ts';
import type { PlanRow } from '../../domain/upgrade-plan.ts';

const { reportPrefix: prefix, ...defaults } = DEFAULTS;
const input: ImageUpgradeInput = {
  ...defaults,
  target: { account: '111122223333', region: 'eu-central-1' },
  bundleId: 'wsb-0fleet0001',
  imageId: 'wsi-0fleet0002',
  report: { bucket: 'holdfast-reports', prefix, kmsKeyArn: null },
  afterwards: { deleteScheduleId: null, deleteStackName: null },
};

const row = (number: number, changes: Partial<PlanRow> = {}): PlanRow => ({
  workspaceId: `ws-0fleet${String(number).padStart(4, '0')}`,
  computerName: `WSAMZN-${number}`,
  userName: `user${number}`,
  directoryId: 'd-90670f1ee7',
  bundleId: 'wsb-0fleet0001',
  state: 'AVAILABLE',
  verdict: 'eligible',
  reason: null,
  action: 'rebuild',
  wave: 0,
  windowRule: null,
  ...changes,
});
const ROWS = [row(1), row(2, { wave: 1 }), row(3, { verdict: 'skipped', reason: { code: 'standby' }, wave: null })];
const [first, second, third] = ROWS as [PlanRow, PlanRow, PlanRow];
const presentImageId = 'wsi-0fleet0001';
const hashOf = (rows: readonly PlanRow[], given = input): string => planHash(given, { presentImageId, rows });
const differenceOf = (before: readonly PlanRow[], after: readonly PlanRow[]): string[] =>
  planDifference({ presentImageId, rows: before }, { presentImageId, rows: after });
const HASH = hashOf(ROWS);

/** The same JSON with the keys of every object the other way round. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, each]) => [key, reversed(each)]),
  );
};

describe('the hash of a plan', () => {
  it('is 64 hexadecimal digits', () => assert.match(HASH, /^[0-9a-f]{64}$/));

  it('is the same in whatever order WorkSpaces and keys come', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(ROWS, { minLength: ROWS.length }), (shuffled) => {
        assert.equal(hashOf(shuffled, reversed(input) as ImageUpgradeInput), HASH);
      }),
    );
  });

  it('is the same when only that has changed which passes by itself', () => {
    const volatile = fc.record({
      state: fc.constantFrom('AVAILABLE', 'STOPPED', 'REBOOTING'),
      verdict: fc.constantFrom('eligible' as const, 'later' as const),
      snapshot: fc.option(fc.constant('2026-03-02T08:00:00Z')),
      dueAt: fc.constant('2026-03-02T20:00:00Z'),
      dueTooLate: fc.boolean(),
    });
    fc.assert(fc.property(volatile, (facts) => assert.equal(hashOf([{ ...first, ...facts }, second, third]), HASH)));
  });

  it('is the same with another detail of a reason, and whatever is said of the approval', () => {
    const detailed = { ...third, reason: { code: 'standby' as const, detail: 'of ws-0fleet0009' } };
    assert.equal(hashOf([first, second, detailed]), HASH);
    const approval = { planHash: HASH, required: true, expiresMinutes: 5 };
    assert.equal(hashOf(ROWS, { ...input, approval }), HASH);
  });

  for (const [what, rows] of [
    ['another WorkSpace', [...ROWS, row(4)]],
    ['one fewer', [first, second]],
    ['another wave', [first, { ...second, wave: 2 }, third]],
    ['other hours', [first, { ...second, windowRule: 1 }, third]],
    ['another action', [{ ...first, action: 'migrate' }, second, third]],
    ['one left out', [{ ...first, verdict: 'skipped', reason: { code: 'keyNotUsable' } }, second, third]],
    ['another reason', [first, second, { ...third, reason: { code: 'otherBundle' } }]],
  ] as const) {
    it(`is another with ${what}`, () => assert.notEqual(hashOf(rows), HASH));
  }

  it('is another with any other parameter', () => {
    for (const field of Object.keys(input).filter((key) => key !== 'approval')) {
      assert.notEqual(hashOf(ROWS, { ...input, [field]: 'another' } as ImageUpgradeInput), HASH, field);
    }
    assert.notEqual(hashOf(ROWS, { ...input, report: { ...input.report, bucket: 'other' } }), HASH);
  });

  it('is another when the bundle carries another image, to which it would go back', () => {
    assert.notEqual(planHash(input, { presentImageId: 'wsi-0fleet0003', rows: ROWS }), HASH);
    assert.notEqual(planHash(input, { presentImageId: null, rows: ROWS }), HASH);
  });

  it('takes well below a second for 10,000 WorkSpaces', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => row(index));
    const begun = performance.now();
    hashOf(many);
    assert.ok(performance.now() - begun < 1_000);
  });
});

describe('the difference of two plans', () => {
  const difference = (...after: PlanRow[]): string[] => differenceOf(ROWS, after);

  it('is nothing for the same plan in another order, and for what passes by itself', () => {
    assert.deepEqual(difference({ ...third }, { ...first, state: 'STOPPED', verdict: 'later' }, second), []);
  });

  it('says of each WorkSpace what has changed, by id', () => {
    assert.deepEqual(difference({ ...first, action: 'migrate', wave: 1 }, row(4, { wave: 2 })), [
      'ws-0fleet0001 (WSAMZN-1, user1) is to be migrated, not rebuilt, and is in wave 2, not in wave 1',
      'ws-0fleet0002 (WSAMZN-2, user2) is gone from the plan',
      'ws-0fleet0003 (WSAMZN-3, user3) is gone from the plan',
      'ws-0fleet0004 (WSAMZN-4, user4) is new in the plan: to be rebuilt in wave 3',
    ]);
  });

  it('says first that the bundle carries another image', () => {
    assert.deepEqual(
      planDifference({ presentImageId, rows: ROWS }, { presentImageId: 'wsi-0fleet0003', rows: [first, second] }),
      [
        'the bundle carries wsi-0fleet0003, not wsi-0fleet0001: that is the image to which it would go back',
        'ws-0fleet0003 (WSAMZN-3, user3) is gone from the plan',
      ],
    );
  });

  it('says of a WorkSpace that it may be rebuilt in other hours', () => {
    const inFirst = row(1, { windowRule: 0 });
    const hours = (before: PlanRow, after: PlanRow): string[] => differenceOf([before], [after]);
    assert.deepEqual(hours(first, inFirst), ['ws-0fleet0001 (WSAMZN-1, user1) may begin in window 1, not at any time']);
    assert.deepEqual(hours(inFirst, { ...first, wave: 1, windowRule: 1 }), [
      'ws-0fleet0001 (WSAMZN-1, user1) is in wave 2, not in wave 1, and may begin in window 2, not in window 1',
    ]);
    assert.deepEqual(hours(inFirst, first), ['ws-0fleet0001 (WSAMZN-1, user1) may begin at any time, not in window 1']);
  });

  it('says why one is left out, not left out any more, or left out for another reason', () => {
    assert.deepEqual(
      difference({ ...first, verdict: 'skipped', reason: { code: 'standby' }, wave: null }, second, {
        ...third,
        reason: { code: 'otherBundle' },
      }),
      [
        'ws-0fleet0001 (WSAMZN-1, user1) is now left out: is part of a Multi-Region standby pair',
        'ws-0fleet0003 (WSAMZN-3, user3) is left out: is on another bundle; before, is part of a Multi-Region standby pair',
      ],
    );
    assert.deepEqual(difference(first, second, row(3, { wave: 1 })), [
      'ws-0fleet0003 (WSAMZN-3, user3) is now to be rebuilt in wave 2',
    ]);
  });

  it('is told in at most 20 lines and how many there are besides', () => {
    const many = Array.from({ length: 31 }, (_, index) => row(index));
    assert.equal(differenceOf(many.slice(0, 20), []).length, 20);
    const lines = differenceOf(many, []);
    assert.equal(lines.length, 21);
    assert.equal(lines.at(-1), 'and 11 more');
  });

  it('is empty exactly when two plans with the same parameters have the same hash', () => {
    const anyRow = fc.record({
      verdict: fc.constantFrom('eligible' as const, 'later' as const, 'skipped' as const),
      action: fc.constantFrom('rebuild' as const, 'migrate' as const),
      code: fc.constantFrom('standby' as const, 'otherBundle' as const),
      wave: fc.integer({ min: 0, max: 1 }),
      windowRule: fc.constantFrom(null, 0),
    });
    const plan = fc
      .array(anyRow, { maxLength: 3 })
      .map((all) =>
        all.map(({ verdict, action, code, wave, windowRule }, index) =>
          verdict === 'skipped'
            ? row(index, { verdict, reason: { code }, wave: null })
            : row(index, { verdict, action, wave, windowRule }),
        ),
      );
    fc.assert(
      fc.property(plan, plan, (before, after) => {
        assert.equal(differenceOf(before, after).length === 0, hashOf(before) === hashOf(after));
      }),
    );
  });
});
