import assert from 'node:assert/strict';
import {
  CreateIpGroupCommand,
  DescribeWorkspaceSnapshotsCommand,
  DescribeWorkspacesCommand,
  RebuildWorkspacesCommand,
} from '@aws-sdk/client-workspaces';
import { DescribeInstanceInformationCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { ACCOUNT, REGION, assertRefused, clientsFor, postJson, refusalOf, signedFor } from './rig.ts';

describe('The edge, for awsJson services', () => {
  let sandbox: Sandbox;
  let clients: ReturnType<typeof clientsFor>;
  before(async () => {
    sandbox = await startSandbox({ startTime: '2026-01-05T08:00:00Z', speed: 1000 });
    clients = clientsFor(sandbox);
  });
  after(() => sandbox.close());

  const target = 'AmazonSSM.DescribeInstanceInformation';

  it('takes account and Region from the credential scope', async () => {
    await clients.ssm.send(new DescribeInstanceInformationCommand({}));
    const call = sandbox.recorder.calls({ service: 'ssm' }).at(-1);
    assert.deepEqual([call?.account, call?.region], [ACCOUNT, REGION]);
  });

  it('takes a key without an account in it for one of 111122223333', async () => {
    const headers = signedFor('ssm', 'us-east-1', 'AKIAIOSFODNN7EXAMPLE');
    await postJson(sandbox, { service: 'ssm', target, body: '{}', headers });
    assert.equal(sandbox.recorder.calls({ service: 'ssm' }).at(-1)?.account, '111122223333');
  });

  it('gives the virtual time in Date and an id for each request', async () => {
    const before = sandbox.clock.now();
    const reply = await postJson(sandbox, { service: 'ssm', target, body: '{}' });
    const date = Date.parse(reply.headers.get('date') ?? '');
    assert.ok(date >= Math.floor(before / 1000) * 1000 && date <= sandbox.clock.now());
    assert.match(reply.headers.get('x-amzn-requestid') ?? '', /^[0-9a-f-]{36}$/);
  });

  it('refuses a request that is not signed', async () => {
    const reply = await fetch(sandbox.endpoint, { method: 'POST', headers: { 'x-amz-target': target }, body: '{}' });
    assert.equal(reply.status, 400);
    assert.deepEqual(await reply.json(), {
      __type: 'MissingAuthenticationTokenException',
      message: 'Missing Authentication Token',
    });
  });

  it('refuses a signature without a credential scope', async () => {
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=AKIA/20260105' };
    const reply = await postJson(sandbox, { service: 'ssm', target, body: '{}', headers });
    assert.equal(reply.body['__type'], 'IncompleteSignature');
  });

  it("answers AWS's own error for an operation it does not have, and records it", async () => {
    const call = clients.workspaces.send(new CreateIpGroupCommand({ GroupName: 'office' }));
    await assertRefused(call, 'UnknownOperationException', 400);
    assert.equal(sandbox.recorder.count({ operation: 'CreateIpGroup', outcome: 'UnknownOperationException' }), 1);
  });

  it('answers an operation nobody has, and a target of another service, in the same way', async () => {
    for (const strange of ['AmazonSSM.NoSuchThing', 'TrentService.DescribeKey', '']) {
      const reply = await postJson(sandbox, { service: 'ssm', target: strange, body: '{}' });
      assert.deepEqual([reply.status, reply.body['__type']], [400, 'UnknownOperationException']);
    }
  });

  it('says which services it has when it is asked for another', async () => {
    const reply = await postJson(sandbox, { service: 'glue', target: 'AWSGlue.GetTables', body: '{}' });
    assert.equal(reply.status, 501);
    assert.match(String(reply.body['message']), /no service 'glue'; it has workspaces, tagging, ssm/);
  });

  it('refuses a body that is no JSON and values of the wrong kind', async () => {
    const bodies = ['{', '{"MaxResults":"ten"}', '{"Filters":{}}', '{"Filters":["a"]}', '{"NextToken":5}'];
    for (const body of bodies) {
      const reply = await postJson(sandbox, { service: 'ssm', target, body });
      assert.deepEqual([reply.status, reply.body['__type']], [400, 'SerializationException'], body);
    }
  });

  it('takes an empty body for an empty input, and ignores members it does not know', async () => {
    for (const body of ['', '{"Unheard":1}', '{"MaxResults":null}']) {
      assert.equal((await postJson(sandbox, { service: 'ssm', target, body })).status, 200, body);
    }
  });

  it('names the error in the header as well as in the body', async () => {
    const reply = await postJson(sandbox, { service: 'ssm', target, body: '{"MaxResults":1}' });
    assert.equal(reply.headers.get('x-amzn-errortype'), 'ValidationException');
    assert.equal(reply.body['__type'], 'ValidationException');
  });

  describe('checks the constraints of the model', () => {
    const message = async (call: Promise<unknown>): Promise<string> => {
      const refusal = await refusalOf(call);
      assert.equal(refusal.name, 'ValidationException');
      return refusal.message;
    };
    const { DescribeWorkspaces, Snapshots, Rebuild, Send } = {
      DescribeWorkspaces: (input: object) => clients.workspaces.send(new DescribeWorkspacesCommand(input)),
      Snapshots: (input: object) => clients.workspaces.send(new DescribeWorkspaceSnapshotsCommand(input as never)),
      Rebuild: (input: object) => clients.workspaces.send(new RebuildWorkspacesCommand(input as never)),
      Send: (input: object) => clients.ssm.send(new SendCommandCommand(input as never)),
    };

    it('required members', async () => {
      assert.equal(
        await message(Snapshots({})),
        "1 validation error detected: Value null at 'workspaceId' failed to satisfy constraint: Member must not be null",
      );
    });

    it('patterns, which have to match as a whole', async () => {
      assert.equal(
        await message(Snapshots({ WorkspaceId: 'x ws-123456789' })),
        "1 validation error detected: Value 'x ws-123456789' at 'workspaceId' failed to satisfy constraint: Member must satisfy regular expression pattern: ^ws-[0-9a-z]{8,63}$",
      );
    });

    it('ranges', async () => {
      assert.match(
        await message(DescribeWorkspaces({ Limit: 26 })),
        /Value '26' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 25$/,
      );
    });

    it('lengths of lists', async () => {
      const WorkspaceIds = Array.from({ length: 26 }, () => 'ws-123456789');
      assert.match(
        await message(DescribeWorkspaces({ WorkspaceIds })),
        /Member must have length less than or equal to 25$/,
      );
      assert.match(
        await message(DescribeWorkspaces({ WorkspaceIds: [] })),
        /Value '\[\]' at 'workspaceIds' failed .* Member must have length greater than or equal to 1$/,
      );
    });

    it('simple items of a list, on the list', async () => {
      assert.match(
        await message(DescribeWorkspaces({ WorkspaceIds: ['ws-123456789', 'no'] })),
        /Value '\[ws-123456789, no\]' at 'workspaceIds' failed to satisfy constraint: Member must satisfy constraint: \[Member must satisfy regular/,
      );
    });

    it('members of items, by their number', async () => {
      assert.match(
        await message(Rebuild({ RebuildWorkspaceRequests: [{ WorkspaceId: 'no' }] })),
        /Value 'no' at 'rebuildWorkspaceRequests.1.member.workspaceId' failed/,
      );
    });

    it('lengths of strings and enums, all of them at once', async () => {
      const text = await message(Send({ Comment: 'c'.repeat(101), DocumentHashType: 'Md5' }));
      assert.match(text, /^3 validation errors detected: /);
      assert.match(text, /Value null at 'documentName'/);
      assert.match(
        text,
        /at 'comment' failed to satisfy constraint: Member must have length less than or equal to 100/,
      );
      assert.match(text, /Value 'Md5' at 'documentHashType' .* Member must satisfy enum value set: \[Sha256, Sha1\]/);
    });
  });
});
