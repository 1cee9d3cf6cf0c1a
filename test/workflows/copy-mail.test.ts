import assert from 'node:assert/strict';
import type { CustodyHint } from '../../domain/custody.ts';
import { CopyMail } from '../../workflows/copy-mail.ts';

const vault = 'arn:aws:backup:eu-central-1:444455556666:backup-vault:nightly';
const ended: CustodyHint = {
  kind: 'copyJob',
  copyJobId: 'job-1',
  state: 'COMPLETED',
  destinationVaultArn: vault,
  copyArn: 'arn:copy',
  message: null,
};

describe('the mail of a custody', () => {
  it('has what is said again and again once, and what is new of the same job besides', () => {
    const mail = new CopyMail();
    const running = { ...ended, state: 'RUNNING', copyArn: null };
    for (const hint of [running, ended, running, ended]) mail.hint(hint);
    assert.deepEqual(mail.take('copyJob', vault), running);
    assert.deepEqual(mail.take('copyJob', vault), ended);
    assert.equal(mail.take('copyJob', vault), undefined);
    mail.hint(ended);
    assert.deepEqual(mail.peek('copyJob', vault), ended, 'it is said again after it was heard');
  });
});
