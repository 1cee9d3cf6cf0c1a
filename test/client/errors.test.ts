import assert from 'node:assert/strict';
import { ServiceError } from '@temporalio/client';
import { endingOf, noAnswer } from '../../client/errors.ts';

/** As the SDK hands on what gRPC refuses. */
const refusal = (code: number, details: string): ServiceError =>
  new ServiceError('Failed to query Workflow', {
    cause: Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} }),
  });

describe('an error for people', () => {
  it('says where to look when a workflow cannot be asked', () => {
    const { exit, message } = endingOf(refusal(9, 'Cannot query workflow due to Workflow Task in failed state.'));
    assert.equal(exit, 'failed');
    assert.match(message ?? '', /cannot be asked at present \(Cannot query workflow .*see the worker’s log/);
  });

  it('has no prefix of the parser’s own', () => {
    const wrong = Object.assign(new Error("error: unknown option '--x'"), { code: 'commander.unknownOption' });
    assert.deepEqual(endingOf(wrong), { exit: 'usage', message: "unknown option '--x'" });
  });
});

describe('a cohort’s silence', () => {
  it('has a reason when its task fails, or when no answer comes in time', () => {
    assert.match(
      noAnswer(refusal(9, 'Cannot query workflow due to Workflow Task in failed state.')) ?? '',
      /failed state/,
    );
    assert.equal(noAnswer(refusal(4, 'context deadline exceeded')), 'no answer in time');
    assert.equal(noAnswer(refusal(1, 'Call cancelled')), 'no answer in time');
  });

  it('is not what another refusal is', () => {
    assert.equal(noAnswer(refusal(7, 'Request unauthorized')), null);
    assert.equal(noAnswer(new Error('no')), null);
  });
});
