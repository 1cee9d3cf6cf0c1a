import assert from 'node:assert/strict';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { signedFor } from './rig.ts';

describe('The REST protocol with JSON', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.close());

  async function ask(method: string, path: string, body?: string) {
    const headers = { 'content-type': 'application/json', ...signedFor('backup') };
    const reply = await fetch(`${sandbox.endpoint}${path}`, { method, headers, ...(body !== undefined && { body }) });
    const text = await reply.text();
    const content = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    return { status: reply.status, error: reply.headers.get('x-amzn-errortype'), content };
  }

  it('binds path, query and body, with a slash at the end of a list or without', async () => {
    const made = await ask('PUT', '/backup-vaults/nightly', '{"CreatorRequestId": "once"}');
    assert.deepEqual([made.status, made.content['BackupVaultName']], [200, 'nightly']);
    for (const path of ['/backup-vaults?maxResults=1', '/backup-vaults/?maxResults=1']) {
      const { content } = await ask('GET', path);
      assert.equal((content['BackupVaultList'] as object[]).length, 1);
    }
    const point = encodeURIComponent('arn:aws:ec2:eu-west-1::snapshot/snap-1');
    const { status, error, content } = await ask('GET', `/backup-vaults/nightly/recovery-points/${point}`);
    assert.deepEqual([status, error], [400, 'ResourceNotFoundException']);
    assert.match(String(content['Message']), /arn:aws:ec2:eu-west-1::snapshot\/snap-1/);
  });

  it('answers with the status of the operation, and with no body where it has none', async () => {
    const hold = await ask('POST', '/legal-holds/', '{"Title": "a", "Description": "b"}');
    const id = String(hold.content['LegalHoldId']);
    assert.equal((await ask('DELETE', `/legal-holds/${id}?cancelDescription=c`)).status, 201);
    const put = await ask('PUT', '/account-settings', '{"ResourceTypeOptInPreference": {"EBS": true}}');
    assert.deepEqual(put, { status: 200, error: null, content: {} });
  });

  it('refuses what it cannot read, and paths that are no operation', async () => {
    const unreadable: [string, string, string?][] = [
      ['PUT', '/copy-jobs', '{"RecoveryPointArn": '],
      ['PUT', '/copy-jobs', '["a"'],
      ['PUT', '/copy-jobs', '{"RecoveryPointArn": 7}'],
      ['GET', '/copy-jobs?maxResults=many'],
    ];
    for (const [method, path, body] of unreadable) {
      const { status, error } = await ask(method, path, body);
      assert.deepEqual([status, error], [400, 'SerializationException'], `${path} ${body ?? ''}`);
    }
    for (const path of ['/nothing', '/backup/nothing/']) {
      const { status, error } = await ask('GET', path);
      assert.deepEqual([status, error], [404, 'UnknownOperationException']);
    }
  });

  it('lets no two pages be asked with one token for different things', async () => {
    await ask('PUT', '/backup-vaults/weekly', '{}');
    await ask('PUT', '/backup-vaults/monthly', '{}');
    const first = await ask('GET', '/backup-vaults?maxResults=1');
    const token = encodeURIComponent(String(first.content['NextToken']));
    assert.equal((await ask('GET', `/backup-vaults?maxResults=1&nextToken=${token}`)).status, 200);
    const other = await ask('GET', `/backup-vaults?maxResults=2&nextToken=${token}`);
    assert.equal(other.error, 'InvalidParameterValueException');
  });
});
