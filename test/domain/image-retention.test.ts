import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CAPABILITY_TAG, KEEP_TAG, POLICY_TAG, RUN_TAG, USER_TAG, WORKSPACE_TAG } from '../../domain/holdfast-tags.ts';
import { backupTags } from '../../domain/backup-tags.ts';
import {
  decideRetention,
  sharingWanted,
  type BackupImage,
  type RetentionDecision,
  type RetentionPolicy,
} from '../../domain/image-retention.ts';

const DAY = 86_400_000;
const HOUR = DAY / 24;
const NOW = '2026-03-18T02:00:00.000Z';
const ago = (milliseconds: number): string => new Date(Date.parse(NOW) - milliseconds).toISOString();

const NOTHING: RetentionPolicy = {
  days: null,
  keepAtLeast: 0,
  keepDaily: 0,
  keepWeekly: 0,
  keepMonthly: 0,
  maxDeletePercent: 100,
};
const policy = (changes: Partial<RetentionPolicy>): RetentionPolicy => ({ ...NOTHING, ...changes });

const OURS = {
  [CAPABILITY_TAG]: 'imageBackup',
  [RUN_TAG]: 'image-backup/111122223333/eu-central-1/golden',
  [POLICY_TAG]: 'golden',
  [WORKSPACE_TAG]: 'ws-one000001',
  [USER_TAG]: 'd-1/alice',
};
let made = 0;
const image = (createdAt: string, changes: Partial<BackupImage> = {}): BackupImage => ({
  imageId: `wsi-${String((made += 1)).padStart(9, '0')}`,
  name: 'PC-1-backup',
  state: 'AVAILABLE',
  createdAt,
  tags: OURS,
  bundleIds: [],
  sharedWith: 0,
  ...changes,
});

const decide = (rules: RetentionPolicy, images: readonly BackupImage[], asOf = NOW): readonly RetentionDecision[] =>
  decideRetention(rules, images, asOf, 'golden').decisions;
const kept = (rules: RetentionPolicy, images: readonly BackupImage[]): boolean[] =>
  decide(rules, images).map(({ keep }) => keep);
const text = (decision: RetentionDecision | undefined): string =>
  (decision?.reasons ?? []).map((reason) => reason.text).join('; ');

describe('decideRetention', () => {
  it('keeps what is younger than the days, and tells the age of what goes', () => {
    const images = [image(ago(0)), image(ago(30 * DAY - 1)), image(ago(30 * DAY)), image(ago(34 * DAY))];
    assert.deepEqual(kept(policy({ days: 30 }), images), [true, true, false, false]);
    assert.equal(text(decide(policy({ days: 30 }), images)[3]), '34 days old, not younger than 30');
    assert.equal(text(decide(policy({ days: 30 }), images)[0]), 'the last good image; 0 days old, younger than 30');
  });

  it('keeps the newest of each user, whatever order they come in', () => {
    const bob = { ...OURS, [WORKSPACE_TAG]: 'ws-two', [USER_TAG]: 'd-1/bob' };
    const images = [image(ago(3 * DAY)), image(ago(DAY)), image(ago(2 * DAY)), image(ago(9 * DAY), { tags: bob })];
    assert.deepEqual(kept(policy({ keepAtLeast: 2 }), images), [false, true, true, true]);
    assert.equal(
      text(decide(policy({ keepAtLeast: 2, days: 1 }), images)[0]),
      '3 days old, not younger than 1; number 3 of 3 from the newest, beyond the newest 2',
    );
  });

  it('keeps the newest of each of the last days, weeks and months that have an image', () => {
    // A Wednesday; two images on Monday, one on the Sunday before, one in February, one in January.
    const images = [
      '2026-03-18T01',
      '2026-03-16T23',
      '2026-03-16T02',
      '2026-03-15T02',
      '2026-02-11T02',
      '2026-01-31T02',
    ]
      .map((hour) => `${hour}:00:00Z`)
      .map((at) => image(at));
    assert.deepEqual(kept(policy({ keepDaily: 3 }), images), [true, true, false, true, false, false]);
    assert.deepEqual(kept(policy({ keepWeekly: 2 }), images), [true, false, false, true, false, false]);
    assert.deepEqual(kept(policy({ keepMonthly: 2 }), images), [true, false, false, false, true, false]);
    const [, , , sunday, february] = decide(policy({ keepWeekly: 2 }), images);
    assert.equal(
      text(sunday),
      'the newest of the week of 2026-03-09, number 2 of those with an image, among the last 2',
    );
    assert.equal(text(february), 'the week of 2026-02-09 is number 3 of those with an image, beyond the last 2');
  });

  it('keeps the images of one user together over a migration, and in whatever case AWS writes the name', () => {
    const before = { ...OURS, [WORKSPACE_TAG]: 'ws-before', [USER_TAG]: 'd-1/Alice' };
    const images = [image(ago(DAY)), image(ago(2 * DAY), { tags: before })];
    assert.deepEqual(kept(policy({ keepAtLeast: 1 }), images), [true, false]);
    assert.deepEqual(
      decide(policy({ keepAtLeast: 1 }), images).map(({ group }) => group),
      ['d-1/alice', 'd-1/alice'],
    );
  });

  it('keeps the last good image of each WorkSpace of a directory whose users are not known', () => {
    for (const user of ['d-1/[UNDEFINED]', 'd-1/=5bUNDEFINED=5d', 'd-1/', '']) {
      const of = (workspace: string) => ({ tags: { ...OURS, [WORKSPACE_TAG]: workspace, [USER_TAG]: user } });
      const images = [image(ago(DAY), of('ws-1')), image(ago(2 * DAY), of('ws-2')), image(ago(3 * DAY), of('ws-2'))];
      assert.deepEqual(kept(policy({ keepAtLeast: 1 }), images), [true, true, false], user);
    }
    const made = (userName: string) =>
      backupTags({ workspaceId: 'ws-1', directoryId: 'd-1', userName }, { policy: 'golden', run: 'r', at: NOW });
    assert.deepEqual(
      ['alice', '[UNDEFINED]', ''].map((name) => made(name)[USER_TAG]),
      ['d-1/alice', undefined, undefined],
    );
  });

  it('keeps the last good image of a WorkSpace that is long gone', () => {
    const { [USER_TAG]: _, ...gone } = { ...OURS, [WORKSPACE_TAG]: 'ws-gone' };
    const images = [image(ago(DAY)), image(ago(900 * DAY), { tags: gone }), image(ago(901 * DAY), { tags: gone })];
    assert.deepEqual(kept(policy({ days: 30 }), images), [true, true, false]);
  });

  describe('keeps, though the policy does not,', () => {
    const without = (key: string): Record<string, string> =>
      Object.fromEntries(Object.entries(OURS).filter(([name]) => name !== key));
    const cases: readonly [title: string, changes: Partial<BackupImage>, rule: string, said: RegExp][] = [
      ['one that a bundle uses', { bundleIds: ['wsb-1', 'wsb-2'] }, 'inBundle', /in use by wsb-1, wsb-2/],
      ['one that is shared', { sharedWith: 2 }, 'shared', /shared with 2 accounts/],
      ['one of which it is not known whether it is shared', { sharedWith: null }, 'sharingUnknown', /not read/],
      ['one that is being made', { state: 'PENDING' }, 'pending', /being made/],
      ['one in a state of which nothing is known', { state: 'COPYING' }, 'unknownState', /COPYING/],
      ['one that somebody else made', { tags: {} }, 'notOurs', /no backup of Holdfast’s/],
      ['one of the old system', { tags: { AutomatedBackup: 'true' } }, 'notOurs', /no backup of Holdfast’s/],
      ['one without the run that made it', { tags: without(RUN_TAG) }, 'notOurs', /holdfast:run is missing/],
      ['a restore’s', { tags: { ...OURS, [CAPABILITY_TAG]: 'imageRestore' } }, 'restore', /a restore made or uses it/],
      ['another policy’s', { tags: { ...OURS, [POLICY_TAG]: 'monthly' } }, 'otherPolicy', /by policy monthly/],
      ['one without a policy', { tags: without(POLICY_TAG) }, 'otherPolicy', /holdfast:policy is missing/],
      ['one that a person marked', { tags: { ...OURS, [KEEP_TAG]: 'audit 2026' } }, 'keepTag', /audit 2026/],
      ['one that is later than now', { createdAt: ago(-HOUR) }, 'clock', /not before 2026-03-18T02/],
      ['one whose time cannot be read', { createdAt: '' }, 'clock', /an unknown time/],
      ['a failed one that a person marked', { state: 'ERROR', tags: { ...OURS, [KEEP_TAG]: '' } }, 'keepTag', /tagged/],
    ];
    for (const [title, changes, rule, said] of cases) {
      it(title, () => {
        const old = image(ago(90 * DAY), changes);
        const decision = decide(policy({ keepAtLeast: 1, days: 1 }), [image(ago(0)), old])[1];
        assert.equal(decision?.keep, true);
        assert.deepEqual(
          decision.reasons.filter((reason) => reason.rule === rule).map((reason) => said.test(reason.text)),
          [true],
        );
      });
    }
  });

  it('deletes failed images of ours, which take no rank and hold nothing that could be lost', () => {
    const failed = [image(ago(0), { state: 'ERROR' }), image(ago(HOUR), { state: 'ERROR' })];
    const images = [...failed, image(ago(DAY)), image(ago(2 * DAY))];
    const decided = decideRetention(policy({ keepAtLeast: 2, maxDeletePercent: 0 }), images, NOW, 'golden');
    assert.equal(decided.ok, true);
    assert.deepEqual(
      decided.decisions.map(({ keep }) => keep),
      [false, false, true, true],
    );
    assert.equal(text(decided.decisions[0]), 'its state is ERROR: it holds no backup');
  });

  it('refuses an empty policy, and keeps everything', () => {
    for (const empty of [NOTHING, policy({ days: 0 }), policy({ days: Number.NaN })]) {
      const decided = decideRetention(empty, [image(ago(0)), image(ago(90 * DAY))], NOW, 'golden');
      assert.match(decided.ok ? '' : decided.refused, /policy is empty.*: give days/);
      assert.ok(decided.decisions.every(({ keep }) => keep));
    }
  });

  it('refuses to delete more than the share that is set, with the arithmetic, and keeps everything', () => {
    const images = [0, 1, 2, 3, 4].map((days) => image(ago(days * DAY)));
    const foreign = [image(ago(50 * DAY), { tags: {} }), image(ago(60 * DAY), { tags: {} })];
    const decided = decideRetention(
      policy({ keepAtLeast: 2, maxDeletePercent: 59 }),
      [...images, ...foreign],
      NOW,
      'golden',
    );
    assert.match(
      decided.ok ? '' : decided.refused,
      /^3 of the 5 images of policy golden would be deleted, which is 60 %, and maxDeletePercent is 59: none is deleted/,
    );
    assert.ok(decided.decisions.every(({ keep }) => keep));
    assert.match(text(decided.decisions[4]), /^the run deletes none; it would go: number 5 of 5/);
    assert.equal(decideRetention(policy({ keepAtLeast: 2, maxDeletePercent: 60 }), images, NOW, 'golden').ok, true);
    assert.equal(decideRetention(policy({ keepAtLeast: 2, maxDeletePercent: NaN }), images, NOW, 'golden').ok, false);
  });
});

describe('sharingWanted', () => {
  it('names those that would go were they not shared, and no others', () => {
    const unread = { sharedWith: null };
    const [newest, old, used, read] = [
      image(ago(0), unread),
      image(ago(5 * DAY), unread),
      image(ago(6 * DAY), { ...unread, bundleIds: ['wsb-1'] }),
      image(ago(7 * DAY)),
    ];
    assert.deepEqual(sharingWanted(decideRetention(policy({ days: 2 }), [newest, old, used, read], NOW, 'golden')), [
      old.imageId,
    ]);
  });
});

describe('a decision that would delete too many only if none of them is shared', () => {
  const unread = [0, 1, 2, 3].map((days) => image(ago(days * DAY), { sharedWith: null }));
  const half = policy({ keepAtLeast: 1, maxDeletePercent: 50 });

  it('is refused, names those whose sharing is to be read, and is made when they are', () => {
    const refused = decideRetention(half, unread, NOW, 'golden');
    assert.equal(refused.ok, false);
    assert.deepEqual(
      sharingWanted(refused),
      unread.slice(1).map(({ imageId }) => imageId),
    );
    const read = unread.map((each, index) => ({ ...each, sharedWith: index === 3 ? 1 : 0 }));
    const decided = decideRetention(half, read, NOW, 'golden');
    assert.deepEqual([decided.ok, kept(half, read)], [true, [true, false, false, true]]);
  });

  it('has nothing read for an empty policy', () => {
    assert.deepEqual(sharingWanted(decideRetention(NOTHING, unread, NOW, 'golden')), []);
  });
});

const anyPolicy: fc.Arbitrary<RetentionPolicy> = fc.record({
  days: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 60 })),
  keepAtLeast: fc.nat(5),
  keepDaily: fc.nat(5),
  keepWeekly: fc.nat(4),
  keepMonthly: fc.nat(4),
  maxDeletePercent: fc.oneof(fc.constant(100), fc.integer({ min: 0, max: 100 })),
});
const anyTime = fc.integer({ min: -3 * 24, max: 200 * 24 }).map((hours) => ago(hours * HOUR));
const anyImage: fc.Arbitrary<BackupImage> = fc
  .record({
    createdAt: anyTime,
    state: fc.oneof({ arbitrary: fc.constant('AVAILABLE'), weight: 6 }, fc.constantFrom('PENDING', 'ERROR', 'COPYING')),
    bundleIds: fc.oneof({ arbitrary: fc.constant([]), weight: 8 }, fc.constant(['wsb-1'])),
    sharedWith: fc.oneof({ arbitrary: fc.constant(0), weight: 8 }, fc.constantFrom(1, null)),
    user: fc.constantFrom('d-1/alice', 'd-1/Bob', 'd-1/[UNDEFINED]', 'd-1/=5bUNDEFINED=5d', 'd-1/', null),
    workspace: fc.constantFrom('ws-1', 'ws-2', 'ws-3'),
    policy: fc.oneof({ arbitrary: fc.constant('golden'), weight: 8 }, fc.constant('other')),
  })
  .map(({ user, workspace, policy: name, ...rest }) => {
    const { [USER_TAG]: _, ...tags } = { ...OURS, [WORKSPACE_TAG]: workspace, [POLICY_TAG]: name };
    return image('', { ...rest, tags: user === null ? tags : { ...tags, [USER_TAG]: user } });
  });
const anyImages = fc.array(anyImage, { maxLength: 40 });
/** Any clock: it may be days behind, or years ahead. */
const anyClock = fc.integer({ min: -2_000, max: 100 }).map((days) => ago(days * DAY));

describe('decideRetention, for any policy, images and clock,', () => {
  it('gives every image one decision with a reason', () => {
    fc.assert(
      fc.property(anyPolicy, anyImages, anyClock, (rules, images, asOf) => {
        const decisions = decide(rules, images, asOf);
        assert.deepEqual(
          decisions.map(({ imageId }) => imageId),
          images.map(({ imageId }) => imageId),
        );
        assert.ok(
          decisions.every(({ reasons }) => reasons.length > 0 && reasons.every((reason) => reason.text !== '')),
        );
      }),
    );
  });

  it('keeps the last good image of every group, and all that it must not touch', () => {
    fc.assert(
      fc.property(anyPolicy, anyImages, anyClock, (rules, images, asOf) => {
        const decisions = decide(rules, images, asOf);
        const goes = new Set(decisions.filter(({ keep }) => !keep).map(({ imageId }) => imageId));
        const groups = Map.groupBy(
          images.filter((each) => each.state === 'AVAILABLE' && each.tags[POLICY_TAG] === 'golden'),
          ({ tags }) => (/alice|bob/i.exec(tags[USER_TAG] ?? '')?.[0] ?? tags[WORKSPACE_TAG] ?? '').toLowerCase(),
        );
        for (const good of groups.values()) {
          const newest = Math.max(...good.map(({ createdAt }) => Date.parse(createdAt)));
          const last = good.filter(({ createdAt }) => Date.parse(createdAt) === newest);
          assert.ok(last.some(({ imageId }) => !goes.has(imageId)));
        }
        for (const each of images.filter(({ imageId }) => goes.has(imageId))) {
          assert.deepEqual([each.bundleIds, each.sharedWith, each.tags[POLICY_TAG]], [[], 0, 'golden']);
          assert.ok(each.state === 'AVAILABLE' || each.state === 'ERROR');
          assert.ok(each.createdAt <= asOf);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('deletes nothing more when it decides again after its deletes', () => {
    fc.assert(
      fc.property(anyPolicy, anyImages, anyClock, (rules, images, asOf) => {
        const left = images.filter((_, index) => decide(rules, images, asOf)[index]?.keep);
        assert.ok(decide(rules, left, asOf).every(({ keep }) => keep));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps what a plain reading of the rules keeps', () => {
    fc.assert(
      fc.property(anyPolicy, fc.array(anyTime, { maxLength: 40 }), (rules, times) => {
        const all = { ...rules, maxDeletePercent: 100 };
        fc.pre(kept(all, [image(NOW)])[0] === true && decideRetention(all, [], NOW, 'golden').ok);
        const images = [...new Set(times)].filter((time) => time <= NOW).map((time) => image(time));
        assert.deepEqual(
          kept(all, images),
          images.map((each) => plainly(rules, images, each)),
        );
      }),
      { numRuns: 300 },
    );
  });
});

/** The rules read word by word, as one would by hand; restic's `--keep-within`, `--keep-last`, `--keep-daily` and so on. */
function plainly(rules: RetentionPolicy, images: readonly BackupImage[], each: BackupImage): boolean {
  const newer = images.filter(({ createdAt }) => createdAt > each.createdAt);
  const calendar = (count: number, bucketOf: (time: string) => string): boolean => {
    const bucket = bucketOf(each.createdAt);
    const newerBuckets = new Set(newer.map(({ createdAt }) => bucketOf(createdAt)));
    return !newerBuckets.has(bucket) && newerBuckets.size < count;
  };
  const mondayOf = (time: string): string => {
    const date = new Date(time);
    while (date.getUTCDay() !== 1) date.setUTCDate(date.getUTCDate() - 1);
    return date.toISOString().slice(0, 10);
  };
  return (
    newer.length === 0 ||
    (rules.days !== null && Date.parse(NOW) - Date.parse(each.createdAt) < rules.days * DAY) ||
    newer.length < rules.keepAtLeast ||
    calendar(rules.keepDaily, (time) => time.slice(0, 10)) ||
    calendar(rules.keepWeekly, mondayOf) ||
    calendar(rules.keepMonthly, (time) => time.slice(0, 7))
  );
}
