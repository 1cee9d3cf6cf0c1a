import assert from 'node:assert/strict';
import fc from 'fast-check';
import { countPhases } from '../../domain/upgrade-row.ts';
import {
  assignWaves,
  canaryShortfall,
  failuresOf,
  isPast,
  leftByWave,
  ONE_WAVE,
  shareOf,
  type WaveMember,
  type WavePlan,
} from '../../domain/waves.ts';

const member = (number: number, directory = 0, tags: Record<string, string> = {}): WaveMember => ({
  workspaceId: `ws-0fleet${String(number).padStart(4, '0')}`,
  directoryId: `d-0fleet000${directory}`,
  tags,
});
const fleet = (count: number, directories = 1): WaveMember[] =>
  Array.from({ length: count }, (_, index) => member(index, index % directories));

const PILOT = { key: 'Ring', value: 'pilot' };
const plan = (changes: Partial<WavePlan>): WavePlan => ({ ...ONE_WAVE, ...changes });
const canary = (changes: Partial<NonNullable<WavePlan['canary']>> = {}): NonNullable<WavePlan['canary']> => ({
  size: '5',
  choose: 'spread',
  tag: null,
  workspaceIds: [],
  ...changes,
});

/** The ids of each wave. */
function wavesOf(given: Partial<WavePlan>, members: readonly WaveMember[]): string[][] {
  const waves: string[][] = [];
  for (const [id, wave] of assignWaves(plan(given), members)) (waves[wave] ??= []).push(id);
  return waves;
}
const sizesOf = (given: Partial<WavePlan>, members: readonly WaveMember[]): number[] =>
  wavesOf(given, members).map((ids) => ids.length);

const anySize = fc.oneof(
  fc.integer({ min: 1, max: 40 }).map(String),
  fc.integer({ min: 1, max: 100 }).map((percent) => `${percent}%`),
);
const anyFleet = fc
  .uniqueArray(fc.tuple(fc.nat(500), fc.nat(3), fc.boolean()), { maxLength: 60, selector: ([number]) => number })
  .map((all) => all.map(([number, directory, isPilot]) => member(number, directory, isPilot ? { Ring: 'pilot' } : {})));
const anyPlan = fc.record({
  canary: fc.option(
    fc.record({
      size: anySize,
      choose: fc.constantFrom('spread' as const, 'tag' as const, 'list' as const),
      tag: fc.constant(PILOT),
      workspaceIds: fc.array(
        fc.nat(500).map((number) => member(number).workspaceId),
        { maxLength: 20 },
      ),
    }),
  ),
  sizes: fc.array(anySize, { maxLength: 5 }),
});

describe('a share', () => {
  for (const [share, total, is] of [
    ['5', 100, 5],
    ['5', 3, 3],
    ['10%', 100, 10],
    ['10%', 101, 11],
    ['1%', 3, 1],
    ['100%', 7, 7],
    ['29%', 100, 29],
    ['10%', 0, 0],
  ] as const) {
    it(`${share} of ${total} is ${is}`, () => assert.equal(shareOf(share, total), is));
  }
});

describe('waves', () => {
  it('have every WorkSpace in exactly one, the same in whatever order they come, and none is empty', () => {
    fc.assert(
      fc.property(
        anyPlan,
        anyFleet.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        (given, [members, shuffled]) => {
          const waves = wavesOf(given, members);
          assert.deepEqual(waves.flat().toSorted(), members.map(({ workspaceId }) => workspaceId).toSorted());
          assert.deepEqual(wavesOf(given, shuffled), waves);
          assert.ok(waves.every((ids) => ids.length > 0));
        },
      ),
    );
  });

  it('are never larger than asked, but for the last, which takes who is left', () => {
    fc.assert(
      fc.property(anyPlan, anyFleet, (given, members) => {
        const sizes = sizesOf(given, members);
        const nobody = given.canary !== null && canaryShortfall(plan(given), members)?.found === 0;
        const asked = [...(given.canary && !nobody ? [given.canary.size] : []), ...given.sizes];
        for (const [wave, size] of asked.entries()) {
          assert.ok((sizes[wave] ?? 0) <= shareOf(size, members.length));
        }
        assert.ok(sizes.length <= asked.length + 1);
      }),
    );
  });

  it('are one without canary and sizes, and none without WorkSpaces', () => {
    assert.deepEqual(sizesOf({}, fleet(30)), [30]);
    assert.deepEqual(sizesOf({ canary: canary(), sizes: ['10%'] }, []), []);
  });

  it('have the sizes that are asked for, shares of all, and then those who are left', () => {
    assert.deepEqual(sizesOf({ canary: canary({ size: '5%' }), sizes: ['10%', '50%'] }, fleet(200)), [10, 20, 100, 70]);
    assert.deepEqual(sizesOf({ canary: canary(), sizes: ['20'] }, fleet(200)), [5, 20, 175]);
    assert.deepEqual(sizesOf({ canary: canary() }, fleet(200)), [5, 195]);
    assert.deepEqual(sizesOf({ canary: canary({ size: '10' }), sizes: ['50%', '50%'] }, fleet(20)), [10, 10]);
  });

  it('spread a canary evenly over directories', () => {
    const members = [...fleet(40), member(90, 1), member(91, 1), member(92, 2)];
    const [first = []] = wavesOf({ canary: canary() }, members);
    const directoryOf = new Map(members.map(({ workspaceId, directoryId }) => [workspaceId, directoryId]));
    assert.deepEqual(
      first.map((id) => directoryOf.get(id)?.at(-1)),
      ['0', '1', '2', '0', '1'],
    );
  });

  it('choose a canary by tag, and never one without it', () => {
    const members = [
      ...fleet(20),
      member(30, 0, { Ring: 'pilot' }),
      member(31, 0, { Ring: 'pilot' }),
      member(32, 0, { Ring: 'x' }),
    ];
    const byTag = canary({ choose: 'tag', tag: PILOT });
    assert.deepEqual(wavesOf({ canary: byTag }, members)[0], ['ws-0fleet0030', 'ws-0fleet0031']);
    assert.deepEqual(wavesOf({ canary: { ...byTag, size: '1' } }, members)[0], ['ws-0fleet0030']);
    assert.deepEqual(canaryShortfall(plan({ canary: byTag }), members), {
      asked: 5,
      found: 2,
      text: 'the canary should be 5, but the plan has only 2 with Ring=pilot',
    });
    assert.equal(canaryShortfall(plan({ canary: { ...byTag, size: '2' } }), members), null);
  });

  it('choose a canary from a list in its order, leaving out who is not of the fleet', () => {
    const ids = ['ws-0fleet0007', 'ws-0fleet0003', 'ws-0elsewhere', 'ws-0fleet0007'];
    const listed = canary({ choose: 'list', workspaceIds: ids });
    assert.deepEqual(wavesOf({ canary: { ...listed, size: '1' } }, fleet(10))[0], ['ws-0fleet0007']);
    assert.deepEqual(wavesOf({ canary: listed }, fleet(10))[0], ['ws-0fleet0007', 'ws-0fleet0003']);
    assert.match(
      canaryShortfall(plan({ canary: listed }), fleet(10))?.text ?? '',
      / be 5, but the plan has only 2 of its list$/,
    );
    assert.match(
      canaryShortfall(plan({ canary: listed }), [member(99)])?.text ?? '',
      / be 1, but the plan has none of its list, so there is no canary$/,
    );
  });
});

describe('the threshold', () => {
  const past = (maxFailures: string | null, failed: number, finished: number, started = finished): boolean =>
    isPast({ maxFailures }, { failed, finished, started });

  it('that is none is never passed', () => assert.equal(past(null, 100, 100), false));

  it('that is a count is passed by one failure more: 0 by the first, 3 by the fourth', () => {
    assert.equal(past('0', 0, 100), false);
    assert.equal(past('0', 1, 100), true);
    assert.equal(past('3', 3, 3), false);
    assert.equal(past('3', 4, 100), true);
  });

  it('that is a share is passed by a canary of one that fails', () => assert.equal(past('10%', 1, 1), true));

  it('that is a share is passed by one failure of a canary of five, or not, as the share says', () => {
    assert.equal(past('10%', 1, 1, 5), true);
    assert.equal(past('20%', 1, 1, 5), false, 'one of five is not more than 20 %');
    assert.equal(past('20%', 2, 2, 5), true);
  });

  it('that is a share is not passed by one early failure of a large wave', () => {
    assert.equal(past('10%', 1, 1, 100), false);
    assert.equal(past('10%', 2, 2, 100), true);
  });

  it('that is a share is one of those that have finished, once these are more than ten', () => {
    assert.equal(past('10%', 10, 100, 500), false);
    assert.equal(past('10%', 11, 100, 500), true);
    assert.equal(past('0%', 1, 100, 500), true);
    assert.equal(past('100%', 100, 100, 100), false);
  });

  it('is never passed by fewer failures when it is not by more', () => {
    const any = fc.record({ failed: fc.nat(50), finished: fc.nat(50), started: fc.nat(50) });
    const share = fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`);
    fc.assert(
      fc.property(any, share, (counts, maxFailures) => {
        if (!isPast({ maxFailures }, { ...counts, failed: counts.failed + 1 }))
          assert.ok(!isPast({ maxFailures }, counts));
      }),
    );
  });

  it('counts the kinds of failures that the plan names', () => {
    const counts = {
      ...countPhases([]),
      rebuildFailed: 1,
      rebuildUnconfirmed: 2,
      timedOutWaiting: 4,
      blocked: 8,
      skipped: 16,
    };
    assert.equal(failuresOf(ONE_WAVE, counts), 3);
    assert.equal(failuresOf(plan({ failureKinds: ['timedOutWaiting', 'blocked'] }), counts), 12);
  });
});

describe('leftByWave', () => {
  it('counts who has no outcome yet, also where nobody is left', () => {
    const rows = [
      { wave: 0, outcome: 'rebuilt' as const },
      { wave: 2, outcome: null },
      { wave: 2, outcome: null },
    ];
    assert.deepEqual(leftByWave(rows, 3), [0, 0, 2]);
  });
});
