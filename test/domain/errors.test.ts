import assert from 'node:assert/strict';
import * as backup from '@aws-sdk/client-backup';
import { FAILURE_OF_AWS_ERROR, FAILURES } from '../../domain/errors.ts';

const EXPECTED: Readonly<Record<string, string>> = {
  AlreadyExistsException: 'OperationFailed',
  ConflictException: 'WrongState',
  DependencyFailureException: 'Unavailable',
  InvalidParameterValueException: 'InvalidInput',
  InvalidRequestException: 'InvalidInput',
  InvalidResourceStateException: 'WrongState',
  LimitExceededException: 'QuotaExceeded',
  MissingParameterValueException: 'InvalidInput',
  ResourceNotFoundException: 'NotFound',
  ServiceUnavailableException: 'Unavailable',
};

describe('the table of AWS’s errors', () => {
  it('knows what each error of AWS Backup’s own means', () => {
    const own = Object.keys(backup).filter((name) => name.endsWith('Exception') && name !== 'BackupServiceException');
    assert.deepEqual(own.toSorted(), Object.keys(EXPECTED));
    for (const name of own) assert.equal(FAILURE_OF_AWS_ERROR[name], EXPECTED[name], name);
  });

  it('has what AWS may still do tried again, and sends for a person where it never will by itself', () => {
    const again = Object.keys(EXPECTED).filter(
      (name) => FAILURES[FAILURE_OF_AWS_ERROR[name] ?? 'InvalidInput'].retryable,
    );
    assert.deepEqual(again, [
      'ConflictException',
      'DependencyFailureException',
      'InvalidResourceStateException',
      'ServiceUnavailableException',
    ]);
  });
});
