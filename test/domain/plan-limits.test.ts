import assert from 'node:assert/strict';
import type { ImageUpgradeInput } from '../../domain/image-upgrade.ts';
import { imageChanged, namedShortly, planChanged, tooMany } from '../../domain/plan-limits.ts';
import { upgradeInput } from '../rig/upgrade.ts';

describe('tooMany', () => {
  const says = (limits: Partial<ImageUpgradeInput>, going: number, onBundle: number): string =>
    tooMany(upgradeInput(limits), { going, onBundle })
      .map(({ code, message }) => `${code}: ${message}`)
      .join();

  it('says nothing without a limit, and at a limit', () => {
    assert.equal(says({}, 10_000, 10_000), '');
    assert.equal(says({ maxResources: 50, maxResourcesPercent: 10 }, 50, 500), '');
  });
  it('refuses what is more than a number, with both numbers', () =>
    assert.equal(
      says({ maxResources: 50 }, 51, 500),
      'tooMany: 51 WorkSpaces would be upgraded: at most 50 may be; select fewer, or allow more',
    ));
  it('refuses what is more than a share of all on the bundle, with the share', () =>
    assert.match(
      says({ maxResourcesPercent: 10 }, 51, 500),
      /51 WorkSpaces would be upgraded: that is 10.2 % of the 500 on wsb-0fleet0001, at most 10 % may be/,
    ));
  it('tells both limits', () =>
    assert.match(says({ maxResources: 5, maxResourcesPercent: 1 }, 6, 100), /at most 5 may be; that is 6 % of/));
  it('refuses to migrate onto a bundle that has none, where a share was given', () =>
    assert.match(says({ maxResourcesPercent: 100 }, 1, 0), /: none is on wsb-0fleet0001, at most 100 %/));
  it('lets a limit of 0 through only what touches nothing', () => {
    assert.equal(says({ maxResources: 0, maxResourcesPercent: 0 }, 0, 10), '');
    assert.notEqual(says({ maxResources: 0 }, 1, 10), '');
  });
});

describe('planChanged', () => {
  const approval = (planHash: string | null) => upgradeInput({ approval: { ...upgradeInput().approval, planHash } });
  it('holds a plan against the one that was to be run', () => {
    assert.deepEqual(planChanged(approval(null), 'b'), []);
    assert.deepEqual(planChanged(approval('b'), 'b'), []);
    const [problem] = planChanged(approval('a'), 'b');
    assert.equal(problem?.code, 'planChanged');
    assert.match(problem.message, /^plan a was to be run, and what would be done now is plan b/);
  });
});

describe('imageChanged', () => {
  it('holds the image of the plan against the one that the bundle carries', () => {
    assert.equal(imageChanged('wsb-0fleet0001', { planned: 'wsi-0a', present: 'wsi-0a' }), null);
    const problem = imageChanged('wsb-0fleet0001', { planned: 'wsi-0a', present: 'wsi-0b' });
    assert.equal(problem?.code, 'planChanged');
    assert.match(
      problem.message,
      /^bundle wsb-0fleet0001 carried wsi-0a when the plan was made, and carries wsi-0b now/,
    );
    const gone = imageChanged('wsb-0fleet0001', { planned: 'wsi-0a', present: null });
    assert.match(gone?.message ?? '', /carries no known image now/);
  });
});

describe('namedShortly', () => {
  it('names the first twenty', () => {
    const names = Array.from({ length: 22 }, (_, n) => `n${n}`);
    assert.equal(namedShortly(names.slice(0, 2)), 'n0, n1');
    assert.match(namedShortly(names), /n18, n19 and 2 more$/);
  });
});
