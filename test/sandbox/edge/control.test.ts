import assert from 'node:assert/strict';
import { request } from 'node:http';
import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm';
import { DescribeWorkspaceSnapshotsCommand } from '@aws-sdk/client-workspaces';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { ACCOUNT, assertRefused, clientsFor } from './rig.ts';

describe('The control surface', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox({ seed: 3, speed: 60, startTime: '2026-01-05T08:00:00Z' });
  });
  afterEach(() => sandbox.close());

  const ask = async (method: string, path: string, init: RequestInit = {}) => {
    const reply = await fetch(`${sandbox.endpoint}/_holdfast/${path}`, { method, ...init });
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
  };
  const look = () => clientsFor(sandbox).ssm.send(new DescribeInstanceInformationCommand({}));

  it('tells clock, speed, seed and endpoint', async () => {
    const { body } = await ask('GET', 'status');
    assert.match(String(body['now']), /^2026-01-05T08:/);
    assert.deepEqual([body['speed'], body['seed'], body['endpoint']], [60, 3, sandbox.endpoint]);
  });

  it('tells the calls that were made, by operation and by resource', async () => {
    const { workspaces } = clientsFor(sandbox);
    await look();
    for (const WorkspaceId of ['ws-111111111', 'ws-111111111', 'ws-222222222']) {
      await workspaces.send(new DescribeWorkspaceSnapshotsCommand({ WorkspaceId })).catch(() => undefined);
    }
    const all = await ask('GET', 'calls');
    assert.deepEqual(all.body['byOperation'], {
      'ssm:DescribeInstanceInformation': 1,
      'workspaces:DescribeWorkspaceSnapshots': 3,
    });
    assert.deepEqual(all.body['byResource'], { 'ws-111111111': 2, 'ws-222222222': 1 });
    const some = await ask('GET', 'calls?service=workspaces&resource=ws-222222222');
    assert.equal(some.body['count'], 1);
    const [call] = some.body['calls'] as Record<string, unknown>[];
    assert.deepEqual([call?.['account'], call?.['outcome']], [ACCOUNT, 'ResourceNotFoundException']);
  });

  it('takes fault rules and removes them', async () => {
    assert.equal((await ask('POST', 'faults', { body: '{"kind":"throttle","service":"ssm"}' })).status, 200);
    await assertRefused(look(), 'ThrottlingException', 400);
    assert.equal((await ask('DELETE', 'faults')).status, 200);
    await look();
  });

  it('moves the clock on, so that days can pass between runs', async () => {
    const { status, body } = await ask('POST', 'clock', { body: '{"skipSeconds":86400}' });
    assert.equal(status, 200);
    assert.match(String(body['now']), /^2026-01-06T08:/);
    for (const wrong of ['{"skipSeconds":-1}', '{}', 'soon']) {
      assert.equal((await ask('POST', 'clock', { body: wrong })).status, 400);
    }
  });

  it('refuses what is no rule, and paths it does not have', async () => {
    for (const body of ['{', 'null', '{"kind":"fire"}']) {
      assert.equal((await ask('POST', 'faults', { body })).status, 400, body);
    }
    assert.equal((await ask('GET', 'nothing')).status, 404);
  });

  it('refuses requests from web pages', async () => {
    assert.equal((await ask('GET', 'status', { headers: { origin: 'http://127.0.0.1' } })).status, 403);
    const { hostname, port } = new URL(sandbox.endpoint);
    const status = await new Promise((resolve, reject) => {
      const rebound = request({ hostname, port, path: '/_holdfast/status', headers: { host: 'evil.example' } });
      rebound.on('response', (reply) => resolve(reply.resume().statusCode)).on('error', reject);
      rebound.end();
    });
    assert.equal(status, 403);
  });
});
