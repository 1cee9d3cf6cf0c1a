import assert from 'node:assert/strict';
import { CAPABILITY_TAG, KEEP_TAG, POLICY_TAG, RUN_TAG, WORKSPACE_TAG } from '../../domain/holdfast-tags.ts';
import { decideRetention, type BackupImage } from '../../domain/image-retention.ts';
import { retentionParts, withPart } from '../../domain/retention-parts.ts';

const NOW = '2026-03-18T02:00:00.000Z';
const POLICY = { days: null, keepAtLeast: 1, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, maxDeletePercent: 100 };

/** The `day`th day of March, of that WorkSpace. */
const image = (workspace: number, day: number): BackupImage => ({
  imageId: `wsi-${workspace}-${day}`,
  name: `${workspace}-${day}`,
  state: 'AVAILABLE',
  createdAt: `2026-03-${String(day).padStart(2, '0')}T02:00:00.000Z`,
  tags: {
    [CAPABILITY_TAG]: 'imageBackup',
    [RUN_TAG]: 'run',
    [POLICY_TAG]: 'golden',
    [WORKSPACE_TAG]: `ws-${workspace}`,
  },
  bundleIds: [],
  sharedWith: 0,
});
const decide = (images: readonly BackupImage[]) => decideRetention(POLICY, images, NOW, 'golden').decisions;
const idsOf = (images: readonly BackupImage[]): string[] => images.map(({ imageId }) => imageId);

describe('retentionParts', () => {
  it('looks at no more images at once than one call takes, and at the last good one of each group with them', () => {
    const images = Array.from({ length: 20 }, (_, workspace) => [9, 8, 7].map((day) => image(workspace, day))).flat();
    const decisions = decide(images);
    const goes = decisions.flatMap(({ imageId, keep }) => (keep ? [] : imageId));
    const parts = retentionParts(decisions, new Set(goes));
    assert.deepEqual(
      parts.flatMap((part) => part.goes),
      goes,
    );
    for (const part of parts) {
      assert.ok(part.goes.length + part.lastGood.length <= 25);
      for (const id of part.goes) assert.ok(part.lastGood.includes(id.replace(/-\d$/, '-9')));
    }
  });

  it('leaves alone what it was not asked for', () => {
    assert.deepEqual(retentionParts(decide([image(1, 9), image(1, 8)]), new Set()), []);
  });
});

describe('withPart', () => {
  const [newest, middle, old] = [image(1, 9), image(1, 8), image(1, 7)];
  const part = { goes: [middle.imageId, old.imageId], lastGood: [newest.imageId] };
  const keptAfter = (goes: readonly BackupImage[], lastGood: readonly BackupImage[]): string[] =>
    decide(withPart([newest, middle, old], part, { goes, lastGood })).flatMap(({ imageId, keep }) =>
      keep ? imageId : [],
    );

  it('lets those go that are as they were', () => {
    assert.deepEqual(keptAfter([middle, old], [newest]), idsOf([newest]));
  });

  it('keeps the next good one when the last good one is gone meanwhile, or not good any more', () => {
    assert.deepEqual(keptAfter([middle, old], []), idsOf([middle]));
    assert.deepEqual(keptAfter([middle, old], [{ ...newest, state: 'PENDING' }]), idsOf([newest, middle]));
  });

  it('keeps what somebody has marked, put into a bundle or shared meanwhile', () => {
    const marked = { ...old, tags: { ...old.tags, [KEEP_TAG]: '' } };
    for (const now of [
      marked,
      { ...old, bundleIds: ['wsb-1'] },
      { ...old, sharedWith: 1 },
      { ...old, sharedWith: null },
    ]) {
      assert.deepEqual(keptAfter([middle, now], [newest]), idsOf([newest, old]));
    }
  });

  it('ranks the last good one although its tags do not show yet', () => {
    assert.deepEqual(keptAfter([middle, old], [{ ...newest, tags: {} }]), idsOf([newest]));
  });
});
