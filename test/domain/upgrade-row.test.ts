import assert from 'node:assert/strict';
import { mayCarryNewImage } from '../../domain/upgrade-row.ts';

const AT = '2026-03-02T08:00:00Z';

describe('mayCarryNewImage', () => {
  const asked = { action: 'rebuild', rebuildRequestedAt: AT, begunBefore: false } as const;
  it('holds of whom AWS was asked to rebuild, also before it was begun again', () => {
    assert.equal(mayCarryNewImage(asked), true);
    assert.equal(mayCarryNewImage({ ...asked, rebuildRequestedAt: null, begunBefore: true }), true);
  });
  it('does not hold of whom nobody asked for, nor of a migration', () => {
    assert.equal(mayCarryNewImage({ ...asked, rebuildRequestedAt: null }), false);
    assert.equal(mayCarryNewImage({ ...asked, action: 'migrate' }), false);
  });
});
