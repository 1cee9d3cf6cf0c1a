import assert from 'node:assert/strict';
import { metaText } from '../../client/commands/worker-log.ts';

describe('a line of the worker’s log', () => {
  it('holds what an error says, where it arose and what caused it, on one line', () => {
    const error = new Error('the call failed', { cause: new Error('the socket closed') });
    const text = metaText({ error, workflowId: 'w', size: 5n });
    assert.match(text, /the call failed/);
    assert.match(text, /worker-log\.test\.ts/);
    assert.match(text, /the socket closed/);
    assert.doesNotMatch(text, /\n/);
    assert.equal(JSON.parse(text).size, '5');
  });
});
