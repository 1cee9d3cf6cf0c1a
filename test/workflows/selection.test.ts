import assert from 'node:assert/strict';
import type { ImageUpgradeInput } from '../../domain/image-upgrade.ts';
import { NO_SELECTION, type Selection } from '../../domain/selection.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { bundles, desktops, images } from '../../sandbox/services/workspaces/rows.ts';
import { setTags } from '../../sandbox/services/workspaces/tags.ts';
import { planOf, type Plan } from '../rig/plan.ts';
import { idOf } from '../rig/truth.ts';
import { startRig, startUpgrade, upgradeInput, type Rig } from '../rig/upgrade.ts';

const { directoryId, otherBundleId, oldImageId, newImageId, tag: prod } = WELL_KNOWN;
const BRANCH = 'd-90670f1ee8';
const tag = (key: string, value: string) => ({ key, value });
const select = (changes: Partial<Selection>): Partial<ImageUpgradeInput> => ({
  selection: { ...NO_SELECTION, ...changes },
});

describe('the selection of a plan', () => {
  let rig: Rig;
  // Six with Env=Prod on the bundle, in two directories by turns; some of them, and all of the 103 without, have a team.
  const TEAMS: readonly (string | null)[] = ['Red', 'Red', 'Blue', 'Green', null, null];
  before(async () => {
    const directories = [directoryId, BRANCH].map((id) => ({
      directoryId: id,
      name: `${id}.com`,
      usersMayRebuild: false,
    }));
    const fleet = plainFleet(TEAMS.length, { outside: { otherBundle: 3, untagged: 103 }, directories });
    rig = await startRig({ fleet, speed: 1000 });
    const set = (id: string, tags: Readonly<Record<string, string>>) =>
      setTags(rig.fleet.place, id, tags, rig.fleet.start);
    const ofProd = { [prod.key]: prod.value };
    for (const [index, team] of TEAMS.entries()) if (team) set(idOf(rig, index), { ...ofProd, Team: team });
    for (const { workspaceId } of rig.fleet.untagged) set(workspaceId, { Team: 'None' });
  });
  after(() => rig.close());

  const plan = (changes: Partial<ImageUpgradeInput>): Promise<Plan> => planOf(rig, upgradeInput(changes));
  const ids = (...indexes: number[]): string[] => indexes.map((index) => idOf(rig, index));
  const others = (): string[] => rig.fleet.onOtherBundle.map(({ workspaceId }) => workspaceId);
  const going = ({ rows }: Plan) => rows.filter(({ verdict }) => verdict !== 'skipped');

  const assertGoing = (told: Plan, expected: readonly string[]): void => {
    assert.deepEqual(told.summary.problems, []);
    assert.deepEqual(
      going(told).map(({ workspaceId }) => workspaceId),
      expected,
    );
  };

  it('takes those with all tags, without those with one of none, and counts everyone else on the bundle', async () => {
    const told = await plan(select({ allOf: [prod], noneOf: [tag('Team', 'Red'), tag('Team', 'Green')] }));
    assertGoing(told, ids(2, 4, 5));
    const { counts, outsideSelection } = told.summary;
    assert.deepEqual([counts.onBundle, counts.outsideSelection, outsideSelection.length], [109, 106, 100]);
  });

  it('takes those with any of the tags, of whatever keys, over several pages', async () => {
    const anyOf = [tag('Team', 'None'), tag('Team', 'Blue'), prod];
    const told = await plan(select({ anyOf, noneOf: [prod], directoryIds: [BRANCH] }));
    assertGoing(
      told,
      rig.fleet.untagged.filter((_, index) => index % 2 === 1).map(({ workspaceId }) => workspaceId),
    );
  });

  it('takes the whole bundle but for those with a tag, also what never had a tag', async () => {
    setTags(rig.fleet.place, idOf(rig, 5), {}, rig.fleet.start);
    const told = await plan(select({ noneOf: [tag('Team', 'None'), tag('Team', 'Blue')] }));
    assertGoing(told, ids(0, 1, 3, 4, 5));
    setTags(rig.fleet.place, idOf(rig, 5), { [prod.key]: prod.value }, rig.fleet.start);
  });

  it('takes those of a directory', async () => {
    assertGoing(await plan(select({ directoryIds: [BRANCH], allOf: [prod] })), ids(1, 3, 5));
  });

  it('takes ids, each once, and names those that are on another bundle', async () => {
    const [other = ''] = others();
    const told = await plan(select({ workspaceIds: [...ids(4, 0, 4), other] }));
    assertGoing(told, ids(0, 4));
    const row = told.rows.find(({ workspaceId }) => workspaceId === other);
    assert.deepEqual(row?.reason, { code: 'otherBundle', detail: otherBundleId });
  });

  it('migrates those on another bundle when asked, but for those that AWS does not migrate', async () => {
    const [first = '', second = '', third = ''] = others();
    const table = desktops(rig.fleet.place);
    const paired = table.get(first) ?? assert.fail('no desktop');
    table.set(first, { ...paired, related: { workspaceId: 'ws-1other0001', region: 'eu-west-1', type: 'STANDBY' } });
    const told = await plan({ otherBundle: 'migrate', maxResourcesPercent: 8 });
    assertGoing(told, [...ids(0, 1, 2, 3, 4, 5), second, third]);
    const { counts, notes } = told.summary;
    assert.deepEqual([counts.migrated, counts.skipped], [2, 1]);
    assert.ok(notes.some((note) => note.startsWith('2 WorkSpaces are migrated from another bundle')));
    const by = (action: string) =>
      told.rows.filter((row) => row.action === action).map((row) => row.reason?.code ?? null);
    assert.deepEqual(by('migrate'), ['cannotMigrate', null, null]);
    assert.deepEqual(by('rebuild'), [null, null, null, null, null, null]);
  });

  it('gives each its wave and its window, tells when all may be done, and has the hash that a run has', async () => {
    const open = [{ days: ['mon' as const, 'tue' as const], from: '22:00', to: '05:00', timeZone: 'Europe/Berlin' }];
    const changes: Partial<ImageUpgradeInput> = {
      waves: {
        ...upgradeInput().waves,
        canary: { size: '2', choose: 'tag', tag: tag('Team', 'Blue'), workspaceIds: [] },
        sizes: ['50%'],
      },
      windows: [
        { directoryId: null, tag: tag('Team', 'Red'), open },
        { directoryId: BRANCH, tag: null, open },
      ],
      maxResources: 1,
    };
    const told = await plan(changes);
    assert.deepEqual(
      going(told).map(({ wave, windowRule }) => [wave, windowRule]),
      [
        [1, 0],
        [1, 0],
        [0, null],
        [1, 1],
        [2, null],
        [2, 1],
      ],
    );
    const { waves, notes, forecast, hash, rollback } = told.summary;
    assert.deepEqual([waves, rollback], [[1, 3, 2], { possible: true, why: null }]);
    assert.ok(
      notes.some((note) => note.includes('Team=Blue')),
      'the canary has one WorkSpace instead of two',
    );
    assert.equal(forecast?.waves.length, 3);
    // Those with a window cannot begin before 22:00 in Berlin.
    assert.ok(Date.parse(forecast.finish) > Date.parse('2026-03-02T21:00:00Z'));
    const { outcome, plan: refused } = await (await startUpgrade(rig, upgradeInput(changes))).result();
    assert.deepEqual([outcome, refused.hash, refused.forecast], ['refused', hash, null]);
  });

  it('says that rollback is impossible when the image of the bundle is gone, or is the new one', async () => {
    const table = images(rig.fleet.place);
    const image = table.get(oldImageId) ?? assert.fail('no image');
    table.delete(oldImageId);
    const gone = await plan({});
    table.set(oldImageId, image);
    const why = `the bundle’s present image ${oldImageId} does not exist any more`;
    assert.deepEqual(gone.summary.rollback, { possible: false, why });
    assert.deepEqual(gone.summary.problems, []);
    assert.ok(gone.summary.notes.includes(`rollback is impossible: ${why}`));

    const bundle = bundles(rig.fleet.place).get(WELL_KNOWN.bundleId) ?? assert.fail('no bundle');
    bundle.images.push({ at: rig.fleet.start - 60_000, imageId: newImageId });
    const { rollback } = (await plan({})).summary;
    assert.match(rollback.why ?? '', /carries wsi-0fleet0002 already/);
  });
});
