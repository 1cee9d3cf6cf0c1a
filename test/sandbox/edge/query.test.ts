import assert from 'node:assert/strict';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { signedFor } from './rig.ts';

describe('The edge, for query services', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.close());

  const post = (form: Record<string, string>, headers: Record<string, string> = signedFor('sts')) =>
    fetch(sandbox.endpoint, { method: 'POST', headers, body: new URLSearchParams(form) });
  const role = { RoleArn: 'arn:aws:iam::123456789012:role/Backup', RoleSessionName: 'holdfast' };

  it('answers XML in the namespace of the service, with the request id in body and header', async () => {
    const reply = await post({ Action: 'GetCallerIdentity', Version: '2011-06-15' });
    const text = await reply.text();
    const id = reply.headers.get('x-amzn-requestid');
    assert.equal(reply.headers.get('content-type'), 'text/xml');
    assert.match(text, /^<GetCallerIdentityResponse xmlns="https:\/\/sts.amazonaws.com\/doc\/2011-06-15\/">/);
    assert.ok(text.includes(`<ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata>`));
  });

  it('reads lists of structures from numbered parameters', async () => {
    const reply = await post({
      Action: 'AssumeRole',
      ...role,
      'Tags.member.1.Key': 'team',
      'Tags.member.1.Value': 'a',
      'Tags.member.2.Key': '',
      'Tags.member.2.Value': 'b',
    });
    assert.equal(reply.status, 400);
    assert.match(await reply.text(), /Value '' at 'tags.2.member.key'/);
  });

  it('takes the parameters of a GET request from the URL, where a presigned one has its credential too', async () => {
    const credential = 'AKIA222233334444/20260105/eu-west-1/sts/aws4_request';
    const query = new URLSearchParams({ Action: 'GetCallerIdentity', 'X-Amz-Credential': credential });
    const reply = await fetch(`${sandbox.endpoint}/?${query.toString()}`);
    assert.match(await reply.text(), /<Account>222233334444<\/Account>/);
  });

  it('refuses a request that is not signed', async () => {
    const reply = await post({ Action: 'GetCallerIdentity' }, {});
    assert.equal(reply.status, 403);
    assert.match(await reply.text(), /<Code>MissingAuthenticationToken<\/Code>/);
  });

  it("answers AWS's own error for an action it does not have, or none", async () => {
    const unknown = await post({ Action: 'DecodeAuthorizationMessage' });
    assert.equal(unknown.status, 400);
    assert.match(
      await unknown.text(),
      /<Error><Type>Sender<\/Type><Code>InvalidAction<\/Code><Message>Could not find operation DecodeAuth/,
    );
    assert.match(await (await post({})).text(), /<Code>MissingAction<\/Code>/);
  });

  it('refuses what is no number where one is wanted', async () => {
    const reply = await post({ Action: 'AssumeRole', ...role, DurationSeconds: 'long' });
    assert.match(await reply.text(), /<Code>MalformedInput<\/Code>/);
  });

  it('escapes what would not be XML', async () => {
    const reply = await post({ Action: 'AssumeRole', ...role, RoleSessionName: '<a&b>' });
    assert.match(await reply.text(), /Value '&lt;a&amp;b&gt;' at 'roleSessionName'/);
  });
});
