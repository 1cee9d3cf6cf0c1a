import assert from 'node:assert/strict';
import { DescribeWorkspacesCommand } from '@aws-sdk/client-workspaces';
import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import { OTHER_ACCOUNT, clientsFor, refusalOf } from './rig.ts';

describe('The throttle', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox();
    sandbox.clock.pause();
  });
  afterEach(() => sandbox.close());

  /** How many of so many calls in a row get through. */
  const admitted = async (calls: number, caller: object = {}): Promise<number> => {
    const { workspaces } = clientsFor(sandbox, caller);
    let through = 0;
    for (let call = 0; call < calls; call++) {
      await workspaces.send(new DescribeWorkspacesCommand({})).then(
        () => through++,
        () => undefined,
      );
    }
    return through;
  };

  it('lets a burst through, then two calls a second of virtual time', async () => {
    assert.equal(await admitted(8), 5);
    sandbox.clock.step(1000);
    assert.equal(await admitted(4), 2);
    sandbox.clock.step(3_600_000);
    assert.equal(await admitted(8), 5);
  });

  it('counts each account and Region by itself', async () => {
    assert.equal(await admitted(6), 5);
    assert.equal(await admitted(6, { region: 'us-east-1' }), 5);
    assert.equal(await admitted(6, { account: OTHER_ACCOUNT }), 5);
  });

  it("refuses with AWS's error, and records the refusal", async () => {
    await admitted(5);
    const refusal = await refusalOf(clientsFor(sandbox).workspaces.send(new DescribeWorkspacesCommand({})));
    assert.deepEqual(refusal, { name: 'ThrottlingException', message: 'Rate exceeded', status: 400 });
    assert.equal(sandbox.recorder.count({ outcome: 'throttle' }), 1);
  });

  it('leaves services without a documented rate alone', async () => {
    const { ssm } = clientsFor(sandbox);
    for (let call = 0; call < 20; call++) await ssm.send(new DescribeInstanceInformationCommand({}));
  });
});
