/** When images may be begun. */
import assert from 'node:assert/strict';
import { imageableAt, imageableUntil, mayImage } from '../../domain/backup-windows.ts';

const MINUTE = 60_000;
const night = [{ from: 100 * MINUTE, to: 400 * MINUTE }];
const short = [{ from: 100 * MINUTE, to: 130 * MINUTE }];

describe('windows of images', () => {
  it('let none begin that AWS may not have finished when they close', () => {
    assert.equal(mayImage(night, 99 * MINUTE), false);
    assert.equal(mayImage(night, 100 * MINUTE), true);
    assert.equal(mayImage(night, 355 * MINUTE), true);
    assert.equal(mayImage(night, 356 * MINUTE), false);
  });

  it('that are shorter than an image let them begin in their first half', () => {
    assert.equal(mayImage(short, 115 * MINUTE), true);
    assert.equal(mayImage(short, 116 * MINUTE), false);
  });

  it('tell when the next one may begin', () => {
    assert.equal(imageableAt(night, 0), 100 * MINUTE);
    assert.equal(imageableAt(night, 200 * MINUTE), 200 * MINUTE);
    assert.equal(imageableAt(night, 356 * MINUTE), Infinity);
  });

  it('tell until when one may begin in this one', () => {
    assert.equal(imageableUntil(night, 200 * MINUTE), 355 * MINUTE);
    assert.equal(imageableUntil(short, 100 * MINUTE), 115 * MINUTE);
    assert.equal(imageableUntil(night, 400 * MINUTE), 400 * MINUTE, 'closed');
  });
});
