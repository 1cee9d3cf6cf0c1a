import assert from 'node:assert/strict';
import fc from 'fast-check';
import { legsOf } from '../../domain/custody-legs.ts';
import {
  type CustodyRule,
  type CustodyState,
  type LegRule,
  type Lifecycle,
  type ObstacleCode,
  type PointFacts,
  type Then,
  type VaultRef,
} from '../../domain/custody.ts';
import { newCustodyState } from '../../domain/custody-state.ts';
import { failedLegs, gateOf, holdsFor, isFollowed, survivorsOf, type GateLook } from '../../domain/original-gate.ts';
import {
  BACKUP_ACCOUNT,
  BACKUP_VAULT,
  day,
  FAR_VAULT,
  keyArn,
  legRule,
  lifecycle,
  NOW,
  point,
  rule,
} from '../rig/custody-facts.ts';

const far: LegRule = legRule({
  name: 'far',
  destination: { account: BACKUP_ACCOUNT, region: 'eu-west-1', alternateRegion: null, vault: null },
});
const copyArn = ({ region }: VaultRef): string => `arn:aws:ec2:${region}::snapshot/snap-0copy`;
const copyIn = (to: VaultRef, changes: Partial<PointFacts> = {}): PointFacts =>
  point({ ref: { ...to, arn: copyArn(to) }, encryptionKeyArn: keyArn(to), ...changes });

/** All legs verified. */
function settled(asked: CustodyRule, source: PointFacts): CustodyState {
  const legs = legsOf(asked, source, NOW);
  for (const hop of legs.flatMap(({ hops }) => hops))
    Object.assign(hop, { step: 'verified', copyArn: copyArn(hop.to) });
  return { ...newCustodyState(), phase: 'settling', point: source, rule: asked, legs, openedAt: NOW, now: NOW };
}

const look = (then: Then, changes: Partial<GateLook> = {}, asked: Partial<CustodyRule> = {}): GateLook => {
  const source = changes.source ?? point();
  return {
    state: settled(rule({ legs: [legRule(), far], then, ...asked }), source),
    source,
    survivors: [copyIn(BACKUP_VAULT), copyIn(FAR_VAULT)],
    lock: null,
    legalHolds: [],
    snapshotLock: null,
    incomplete: [],
    newer: true,
    now: NOW,
    ...changes,
  };
};
const SHORTEN: Then = { kind: 'shorten', days: 7 };
const DELETE: Then = { kind: 'delete' };

/** What keeps each gate closed, beside what leaves it open. */
const closed: readonly [title: string, code: ObstacleCode, changes: Partial<GateLook>][] = [
  ['a copy that its destination does not show any more', 'verification', { survivors: [copyIn(BACKUP_VAULT), null] }],
  ['a copy that was not read for this look', 'verification', { survivors: [copyIn(FAR_VAULT)] }],
  [
    'a copy that lies in another vault',
    'verification',
    { survivors: [copyIn(BACKUP_VAULT), copyIn({ ...FAR_VAULT, vault: 'x' })] },
  ],
  [
    'a copy that is PARTIAL',
    'verification',
    { survivors: [copyIn(BACKUP_VAULT, { status: 'PARTIAL' }), copyIn(FAR_VAULT)] },
  ],
  [
    'a copy whose retention somebody lowered',
    'verification',
    { survivors: [copyIn(BACKUP_VAULT, { lifecycle: lifecycle(10) }), copyIn(FAR_VAULT)] },
  ],
  [
    'a vault lock in governance mode',
    'lock',
    { lock: { minRetentionDays: 1, maxRetentionDays: null, lockDate: null } },
  ],
  [
    'a vault lock in compliance mode',
    'lock',
    { lock: { minRetentionDays: 1, maxRetentionDays: null, lockDate: day(-9) } },
  ],
  [
    'a vault lock that is not final yet',
    'lock',
    { lock: { minRetentionDays: 1, maxRetentionDays: null, lockDate: day(2) } },
  ],
  ['a legal hold', 'legalHold', { legalHolds: [{ id: 'hold-1', title: 'Lawsuit' }] }],
  [
    'a copy that holds less than is nested in the original',
    'verification',
    { incomplete: [{ arn: copyArn(FAR_VAULT), nested: 1, of: 2 }] },
  ],
  [
    'a snapshot lock',
    'snapshotLock',
    { snapshotLock: { snapshotId: 'snap-1', state: 'governance', expiresAt: day(9) } },
  ],
  [
    'a snapshot lock without an end',
    'snapshotLock',
    { snapshotLock: { snapshotId: 'snap-1', state: 'compliance', expiresAt: null } },
  ],
  ['a continuous original', 'continuous', { source: point({ isContinuous: true, status: 'AVAILABLE' }) }],
  ['an original that is PARTIAL', 'unknown', { source: point({ status: 'PARTIAL' }) }],
];

describe('gateOf', () => {
  it('opens for a shortening, and keeps what it was decided by', () => {
    const source = point();
    const given = look(SHORTEN, { source });
    const verdict = gateOf(given);
    assert.deepEqual(verdict, {
      kind: 'open',
      change: {
        kind: 'shorten',
        before: lifecycle(35),
        after: lifecycle(8),
        why: '35 days becomes the highest of its age of 2 days, 1 and the 7 days asked for, and one more: 8 days',
        decidedAt: NOW,
        gate: [source, ...given.survivors],
        askedAt: null,
        doneAt: null,
        readBack: null,
      },
    });
  });

  it('opens for a deletion', () => {
    const verdict = gateOf(look(DELETE));
    assert.equal(verdict.kind === 'open' && verdict.change.kind, 'delete');
    assert.equal(verdict.kind === 'open' && verdict.change.after, null);
  });

  for (const [title, code, changes] of closed) {
    for (const then of [SHORTEN, DELETE]) {
      it(`stays closed for ${title}, where the original is to be ${then.kind === 'delete' ? 'deleted' : 'shortened'}`, () => {
        const verdict = gateOf(look(then, changes));
        assert.equal(verdict.kind, 'blocked');
        assert.equal(verdict.kind === 'blocked' && verdict.obstacle.code, code);
        assert.ok(verdict.kind === 'blocked' && verdict.obstacle.message !== '' && verdict.obstacle.remedy !== '');
      });
    }
  }

  it('names the hold, and the earliest legal date of a lock', () => {
    const text = (changes: Partial<GateLook>): string => {
      const verdict = gateOf(look(SHORTEN, changes));
      return verdict.kind === 'blocked' ? verdict.obstacle.message : '';
    };
    assert.match(text({ legalHolds: [{ id: 'hold-1', title: 'Lawsuit' }] }), /legal hold hold-1 \(Lawsuit\)/);
    const lock = { minRetentionDays: null, maxRetentionDays: null, lockDate: day(-9) };
    assert.match(
      text({ lock }),
      new RegExp(`in compliance mode since ${day(-9)}.*Earliest legal date: ${day(34)}, when`),
    );
    assert.match(
      text({ snapshotLock: { snapshotId: 'snap-1', state: 'governance', expiresAt: day(9) } }),
      new RegExp(`until ${day(9)}`),
    );
  });

  it('is not closed by a snapshot lock that has expired', () => {
    assert.equal(
      gateOf(look(SHORTEN, { snapshotLock: { snapshotId: 'snap-1', state: 'expired', expiresAt: day(-1) } })).kind,
      'open',
    );
  });

  it('waits with the deletion of the newest of its resource, and shortens it', () => {
    const verdict = gateOf(look(DELETE, { newer: false }));
    assert.equal(verdict.kind, 'waiting');
    assert.match(verdict.kind === 'waiting' ? verdict.why : '', /newest completed recovery point of .*vol-0data/);
    assert.equal(gateOf(look(SHORTEN, { newer: false })).kind, 'open');
  });

  it('deletes only what has two verified copies in vaults of their own, or as many as the rule asks', () => {
    const one = { legs: [legRule()] };
    assert.equal(gateOf(look(DELETE, {}, { ...one, minSurvivors: 1 })).kind, 'blocked');
    assert.equal(gateOf(look(SHORTEN, {}, one)).kind, 'open');
    assert.equal(gateOf(look(DELETE, {}, { minSurvivors: 3 })).kind, 'blocked');
    const twice = { legs: [legRule(), legRule({ name: 'again' })] };
    assert.equal(gateOf(look(DELETE, {}, twice)).kind, 'blocked');
  });

  it('changes nothing without a leg, with one that is not verified, or with one that it knows nothing of', () => {
    assert.equal(gateOf(look(SHORTEN, {}, { legs: [] })).kind, 'blocked');
    for (const step of ['check', 'queue', 'start', 'follow', 'verify'] as const) {
      const given = look(SHORTEN);
      Object.assign(given.state.legs[1]?.hops[0] ?? {}, { step });
      assert.equal(gateOf(given).kind, 'blocked', step);
    }
    const given = look(SHORTEN);
    given.state.legs = given.state.legs.slice(0, 1);
    assert.equal(gateOf(given).kind, 'blocked');
  });

  it('knows a leg by where it leads, when a changed rule calls it otherwise', () => {
    const given = look(SHORTEN);
    given.state.rule = rule({ legs: [{ ...far, name: 'abroad' }, legRule({ name: 'home' })], then: SHORTEN });
    assert.equal(gateOf(given).kind, 'open');
  });

  it('stays closed while a copy is kept otherwise than the rule that holds now asks, though as its leg once did', () => {
    const given = look(SHORTEN);
    given.state.rule = rule({ legs: [legRule({ lifecycle: lifecycle(400) }), far], then: SHORTEN });
    const verdict = gateOf(given);
    assert.match(verdict.kind === 'blocked' ? verdict.obstacle.message : '', /no copy is known .* the legs backup of/);
  });

  it('neither counts nor waits for a leg that the rule does not ask for any more', () => {
    const given = look(SHORTEN);
    given.state.rule = rule({ legs: [legRule()], then: SHORTEN });
    Object.assign(given.state.legs[1] ?? {}, { unwantedSince: NOW });
    Object.assign(given.state.legs[1]?.hops[0] ?? {}, { step: 'follow' });
    assert.equal(gateOf(given).kind, 'open');
    assert.equal(survivorsOf(given.state).length, 1);
    given.state.rule = rule({ legs: [legRule()], then: DELETE });
    assert.equal(gateOf(given).kind, 'blocked');
  });

  it('names the legs whose copies are not what they are to be', () => {
    const given = look(SHORTEN, { survivors: [copyIn(BACKUP_VAULT), null] });
    assert.deepEqual(
      failedLegs(given).map((leg) => leg.rule.name),
      ['far'],
    );
    assert.deepEqual(failedLegs(look(SHORTEN, { legalHolds: [{ id: 'hold-1', title: '' }] })), []);
  });

  it('leaves as it is what its rule keeps, or what is kept no longer anyway', () => {
    assert.equal(gateOf(look({ kind: 'keep' })).kind, 'nothing');
    const short = { source: point({ lifecycle: lifecycle(8) }) };
    const survivors = [
      copyIn(BACKUP_VAULT, { lifecycle: lifecycle(35) }),
      copyIn(FAR_VAULT, { lifecycle: lifecycle(35) }),
    ];
    const legs = [legRule({ lifecycle: lifecycle(35) }), { ...far, lifecycle: lifecycle(35) }];
    const verdict = gateOf(look(SHORTEN, { ...short, survivors }, { legs }));
    assert.equal(verdict.kind, 'nothing');
    assert.match(verdict.kind === 'nothing' ? verdict.why : '', /kept for 8 days as it is/);
  });

  it('notices a lost copy even where nothing would be changed', () => {
    const source = point({ lifecycle: lifecycle(8) });
    assert.equal(gateOf(look(SHORTEN, { source, survivors: [null, null] })).kind, 'blocked');
  });

  it('sees that the original has gone', () => {
    for (const then of [SHORTEN, DELETE, { kind: 'keep' } as const]) {
      assert.equal(gateOf({ ...look(then), source: null }).kind, 'gone');
      assert.equal(gateOf(look(then, { source: point({ status: 'DELETING' }) })).kind, 'gone');
    }
  });

  it('asks again for a deletion that AWS could not carry out, and shortens nothing that is EXPIRED', () => {
    const source = point({ status: 'EXPIRED' });
    assert.equal(gateOf(look(DELETE, { source })).kind, 'open');
    assert.equal(gateOf(look(SHORTEN, { source })).kind, 'blocked');
  });

  it('never opens while anything keeps it closed, in whatever order it is told', () => {
    const shuffled = <T>(items: readonly T[]): fc.Arbitrary<T[]> =>
      fc.shuffledSubarray([...items], { minLength: items.length });
    const reasons = fc.subarray(
      closed.map(([, , changes]) => changes),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(
        reasons,
        fc.constantFrom(SHORTEN, DELETE),
        shuffled([0, 1]),
        fc.boolean(),
        (given, then, order, newer) => {
          const merged = look(then, Object.assign({ newer }, ...given) as Partial<GateLook>);
          const survivors = order.flatMap((at) => merged.survivors[at] ?? []);
          const legs = order.flatMap((at) => merged.state.legs[at] ?? []);
          const verdict = gateOf({ ...merged, survivors, state: { ...merged.state, legs } });
          assert.equal(verdict.kind, 'blocked');
        },
      ),
    );
  });

  it('opens only for a retention that is lower than before, and that every copy outlives', () => {
    const days = fc.integer({ min: 1, max: 400 });
    const given = fc.record({
      age: fc.integer({ min: 0, max: 200 }),
      original: fc.option(days),
      copies: days,
      shorten: days,
    });
    fc.assert(
      fc.property(given, ({ age, original, copies, shorten }) => {
        const made = { createdAt: day(-age) };
        const kept: Lifecycle = lifecycle(copies);
        const source = point({ ...made, lifecycle: lifecycle(original) });
        const survivors = [BACKUP_VAULT, FAR_VAULT].map((to) => copyIn(to, { ...made, lifecycle: kept }));
        const legs = [legRule({ lifecycle: kept }), { ...far, lifecycle: kept }];
        const verdict = gateOf(look({ kind: 'shorten', days: shorten }, { source, survivors }, { legs }));
        if (verdict.kind !== 'open') return;
        const after = verdict.change.after?.deleteAfterDays ?? Infinity;
        assert.ok(original !== null && after < original && after > age && copies >= original && copies > after);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a look at the gate', () => {
  const MINUTE = 60_000;

  it('opens nothing once it is five minutes old, and leaves the call what is left of them to begin in', () => {
    assert.ok(isFollowed('open', 5 * MINUTE - 1));
    assert.ok(!isFollowed('open', 5 * MINUTE));
    assert.ok(!isFollowed('open', 10 * MINUTE));
    assert.deepEqual(
      [0, 1, 5, 10].map((minutes) => holdsFor(minutes * MINUTE) / MINUTE),
      [5, 4, 0, 0],
    );
  });

  it('is followed where it leaves the original alone, also when it took ten minutes to be sure that it has gone', () => {
    for (const found of ['gone', 'done', 'nothing', 'waiting', 'blocked'] as const) {
      for (const minutes of [5, 10]) assert.ok(isFollowed(found, minutes * MINUTE), found);
    }
  });
});

describe('survivorsOf', () => {
  it('names the last copy of each leg', () => {
    const twoHop = { ...far, route: 'twoHop' } as const;
    const state = settled(rule({ legs: [legRule(), twoHop] }), point());
    assert.deepEqual(survivorsOf(state), [
      { ...BACKUP_VAULT, arn: copyArn(BACKUP_VAULT) },
      { ...FAR_VAULT, arn: copyArn(FAR_VAULT) },
    ]);
  });
});
