import assert from 'node:assert/strict';
import { together } from '../../domain/custody-obstacles.ts';
import type { Obstacle } from '../../domain/custody.ts';

const obstacle = (changes: Partial<Obstacle>): Obstacle => ({
  code: 'key',
  message: 'the key is missing',
  remedy: 'make one',
  statement: null,
  ...changes,
});

describe('obstacles that are told as one', () => {
  it('keep every message, remedy and missing statement, each once, and the code of the first', () => {
    const policy = obstacle({
      code: 'vaultPolicy',
      message: 'the vault is shut',
      remedy: 'open it',
      statement: '{"a":1}',
    });
    const key = obstacle({ statement: '{"b":2}' });
    assert.deepEqual(together([policy, key, obstacle({ code: 'lock' }), key]), {
      code: 'vaultPolicy',
      message: 'the vault is shut; the key is missing',
      remedy: 'open it; make one',
      statement: '{"a":1}\n{"b":2}',
    });
  });

  it('are none where there are none, and miss no statement where none is missing', () => {
    assert.equal(together([]), undefined);
    assert.equal(together([obstacle({}), obstacle({ code: 'lock' })])?.statement, null);
  });
});
