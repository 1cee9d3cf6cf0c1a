import assert from 'node:assert/strict';
import fc from 'fast-check';
import { userTag } from '../../domain/holdfast-tags.ts';

describe('the tag that names a user', () => {
  it('is the directory and the name as they are, where AWS takes them', () => {
    assert.equal(userTag({ directoryId: 'd-1', userName: 'ana.sousa@corp' }), 'd-1/ana.sousa@corp');
  });

  it('has a number for what AWS takes in no tag', () => {
    assert.equal(userTag({ directoryId: 'd-1', userName: "O'Neil#2" }), 'd-1/O=27Neil=232');
  });

  it('is a value that AWS takes, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (userName) => {
        assert.match(userTag({ directoryId: 'd-1', userName }), /^[\p{L}\p{N} +\-=._:/@]{0,255}$/u);
      }),
    );
  });
});
