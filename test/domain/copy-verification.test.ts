import assert from 'node:assert/strict';
import fc from 'fast-check';
import { foreseenObstacles, verificationObstacles, type CopyCheck } from '../../domain/copy-verification.ts';
import type { PointFacts } from '../../domain/custody.ts';
import { BACKUP_VAULT, day, keyArn, legRule, lifecycle, NOW, point, SOURCE_VAULT } from '../rig/custody-facts.ts';

const COPY = 'arn:aws:ec2:eu-central-1::snapshot/snap-0copy';
const copyOf = (changes: Partial<PointFacts> = {}): PointFacts =>
  point({ ref: { ...BACKUP_VAULT, arn: COPY }, encryptionKeyArn: keyArn(BACKUP_VAULT), ...changes });
const check = (changes: Partial<CopyCheck> = {}): CopyCheck => ({
  source: point(),
  copy: copyOf(),
  leg: { rule: legRule() },
  hop: { to: BACKUP_VAULT, lifecycle: lifecycle(35), copyArn: COPY, adopted: false },
  after: lifecycle(8),
  minRemainingDays: 1,
  now: NOW,
  ...changes,
});
/** With a copy that is kept otherwise than its leg asks, or that fails otherwise. */
const withCopy = (changes: Partial<PointFacts>): CopyCheck => check({ copy: copyOf(changes) });
/** Where leg and copy agree on a lifecycle. */
const kept = (days: number | null, changes: Partial<CopyCheck> = {}): CopyCheck =>
  check({
    copy: copyOf({ lifecycle: lifecycle(days), createdAt: (changes.source ?? point()).createdAt }),
    hop: { to: BACKUP_VAULT, lifecycle: lifecycle(days), copyArn: COPY, adopted: false },
    ...changes,
  });
const messages = (given: CopyCheck): string[] => verificationObstacles(given).map(({ message }) => message);
const fails = (given: CopyCheck, pattern: RegExp): void => {
  const found = verificationObstacles(given);
  assert.ok(found.length > 0, 'it was verified');
  assert.ok(found.every(({ code, remedy }) => code === 'verification' && remedy !== ''));
  assert.ok(
    found.some(({ message }) => pattern.test(message)),
    found.map(({ message }) => message).join('\n'),
  );
};

describe('verificationObstacles', () => {
  it('verifies a copy that is what its leg asks for', () => {
    assert.deepEqual(messages(check()), []);
    assert.deepEqual(messages(withCopy({ status: 'AVAILABLE' })), []);
  });

  const failures: readonly [title: string, changes: Partial<PointFacts>, message: RegExp][] = [
    ['is not complete', { status: 'PARTIAL', statusMessage: 'One part failed' }, /is PARTIAL \(One part failed\)/],
    ['is being deleted', { status: 'DELETING' }, /is DELETING/],
    ['has expired', { status: 'EXPIRED' }, /is EXPIRED/],
    ['is of another resource', { resourceArn: 'arn:other' }, /is of arn:other \(EBS\), not of .*vol-0data/],
    ['is of another type', { resourceType: 'EC2' }, /\(EC2\), not of/],
    ['lies elsewhere', { ref: { ...SOURCE_VAULT, arn: COPY } }, /is not what was looked at/],
    ['is another one', { ref: { ...BACKUP_VAULT, arn: 'arn:other' } }, /is not what was looked at, arn:other/],
    ['is not encrypted', { isEncrypted: false, encryptionKeyArn: null }, /is not encrypted/],
    [
      'is encrypted by the source’s key',
      { encryptionKeyArn: keyArn(SOURCE_VAULT) },
      /no key of 444455556666\/eu-central-1/,
    ],
    ['is kept shorter than asked', { lifecycle: lifecycle(34) }, /is deleted at .*, not at/],
    ['is kept longer than asked', { lifecycle: lifecycle(36) }, /is deleted at .*, not at/],
    ['is kept without an end', { lifecycle: lifecycle(null) }, /is deleted never, not at/],
    ['counts from its own creation', { createdAt: day(0) }, /is deleted at .*, not at/],
    [
      'moves to cold storage',
      { lifecycle: { ...lifecycle(35, 30) } },
      /moves to cold storage after 30 days, not never/,
    ],
  ];
  for (const [title, changes, message] of failures) {
    it(`does not verify a copy that ${title}`, () => fails(withCopy(changes), message));
  }

  it('does not verify what the destination does not show', () => {
    fails(check({ copy: null }), /snap-0copy is not in arn:aws:backup:eu-central-1:444455556666:backup-vault:nightly/);
  });

  it('asks for no encryption where the original has none, unless AWS Backup manages the type fully', () => {
    const plain = { isEncrypted: false, encryptionKeyArn: null };
    assert.deepEqual(messages(check({ source: point(plain), copy: copyOf(plain) })), []);
    const efs = { ...plain, resourceType: 'EFS' };
    fails(check({ source: point(efs), copy: copyOf(efs) }), /is not encrypted/);
  });

  it('does not verify a copy of another recovery point of the resource, which was created at another time', () => {
    const source = point({ lifecycle: lifecycle(null) });
    const hop = { to: BACKUP_VAULT, lifecycle: lifecycle(null), copyArn: COPY, adopted: false };
    const copy = copyOf({ lifecycle: lifecycle(null), createdAt: day(-1.1) });
    fails(check({ source, hop, copy }), /is a copy of another recovery point: it was created at/);
  });

  it('takes over what others keep longer than is asked for, and nothing that they keep shorter', () => {
    const hop = { to: BACKUP_VAULT, lifecycle: lifecycle(35), copyArn: COPY, adopted: true };
    for (const days of [36, null])
      assert.deepEqual(messages(check({ hop, copy: copyOf({ lifecycle: lifecycle(days) }) })), []);
    fails(check({ hop, copy: copyOf({ lifecycle: lifecycle(34) }) }), /is deleted at/);
  });

  it('takes AWS’s dates as it rounds them', () => {
    assert.deepEqual(messages(withCopy({ deleteAt: day(34.5) })), []);
    fails(withCopy({ deleteAt: day(35.1) }), /is deleted at/);
  });

  it('compares as ignored what AWS ignores for the type', () => {
    const asked = { to: BACKUP_VAULT, lifecycle: lifecycle(365, 30), copyArn: COPY, adopted: false };
    const database = { resourceType: 'RDS', lifecycle: lifecycle(365) };
    assert.deepEqual(messages(check({ hop: asked, source: point(database), copy: copyOf(database) })), []);
    const volume = { lifecycle: lifecycle(365) };
    fails(
      check({ hop: asked, source: point(volume), copy: copyOf(volume) }),
      /moves to cold storage never, not after 30 days/,
    );
    const asAsked = { lifecycle: lifecycle(365, 30) };
    assert.deepEqual(messages(check({ hop: asked, source: point(volume), copy: copyOf(asAsked) })), []);
    const table = { resourceType: 'Timestream', lifecycle: lifecycle(365) };
    assert.deepEqual(messages(check({ hop: asked, source: point(table), copy: copyOf(table) })), []);
  });

  it('does not verify a copy that goes before the original', () => {
    fails(kept(20), /before the original/);
    assert.deepEqual(messages(kept(35)), []);
    fails(kept(400, { source: point({ lifecycle: lifecycle(null) }) }), /before the original \(never\)/);
    assert.deepEqual(messages(kept(null, { source: point({ lifecycle: lifecycle(null) }) })), []);
  });

  it('verifies a copy that goes before what it is copied from where it is only brought back', () => {
    assert.deepEqual(messages(kept(20, { mustOutlive: false, after: null })), []);
    fails(kept(20, { mustOutlive: false, after: null, minRemainingDays: 20 }), /less than 20 days from now/);
    assert.deepEqual(foreseenObstacles(kept(20, { mustOutlive: false, after: null })), []);
  });

  it('does not verify a copy that the original with its new retention would outlive', () => {
    const source = point({ lifecycle: lifecycle(8) });
    fails(kept(8, { source, after: lifecycle(8) }), /not after the original with its new retention/);
    assert.deepEqual(messages(kept(9, { source, after: lifecycle(8) })), []);
    assert.deepEqual(messages(kept(8, { source, after: null })), []);
  });

  it('does not verify a copy with less than minRemaining before it', () => {
    const source = point({ createdAt: day(-30), lifecycle: lifecycle(35) });
    fails(kept(35, { source, after: null, minRemainingDays: 6 }), /less than 6 days from now/);
    assert.deepEqual(messages(kept(35, { source, after: null, minRemainingDays: 5 })), []);
  });

  it('never verifies what goes sooner than the original, than its new retention, or than minRemaining', () => {
    const days = fc.option(fc.integer({ min: 1, max: 800 }));
    const given = fc.record({
      age: fc.integer({ min: 0, max: 300 }),
      original: days,
      copied: days,
      after: days,
      least: fc.nat(400),
    });
    fc.assert(
      fc.property(given, ({ age, original, copied, after, least }) => {
        const source = point({ createdAt: day(-age), lifecycle: lifecycle(original) });
        const found = messages(
          kept(copied, { source, after: after === null ? null : lifecycle(after), minRemainingDays: least }),
        );
        const isKept =
          copied === null ||
          (original !== null && copied >= original && copied > (after ?? 0) && copied - age >= least);
        assert.equal(found.length === 0, isKept);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('foreseenObstacles', () => {
  it('tells before the copy is made what would keep it from being verified', () => {
    const { copy: _copy, ...promised } = kept(20);
    const [found] = foreseenObstacles(promised);
    assert.equal(found?.code, 'expiresTooSoon');
    assert.match(found?.message ?? '', /the copy of the leg backup would be deleted at .*, before the original/);
    assert.deepEqual(foreseenObstacles(check()), []);
  });

  it('foresees exactly what the dates of a copy would fail, made as asked', () => {
    const days = fc.option(fc.integer({ min: 1, max: 100 }));
    fc.assert(
      fc.property(days, days, days, fc.nat(50), (original, copied, after, minRemainingDays) => {
        const source = point({ lifecycle: lifecycle(original) });
        const given = kept(copied, { source, after: after === null ? null : lifecycle(after), minRemainingDays });
        assert.equal(foreseenObstacles(given).length, verificationObstacles(given).length);
      }),
    );
  });
});
