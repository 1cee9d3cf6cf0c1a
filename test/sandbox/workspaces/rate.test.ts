import assert from 'node:assert/strict';
import {
  DescribeWorkspaceBundlesCommand,
  DescribeWorkspacesCommand,
  WorkSpacesClient,
} from '@aws-sdk/client-workspaces';
import { startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

describe('sandbox: the rate of WorkSpaces calls', () => {
  let paused: Paused;
  let client: WorkSpacesClient;
  beforeEach(async () => {
    paused = await startPaused(1);
    const credentials = { accessKeyId: '111122223333', secretAccessKey: 'secret' };
    const { endpoint } = paused.sandbox;
    client = new WorkSpacesClient({ region: 'eu-central-1', endpoint, maxAttempts: 1, credentials });
  });
  afterEach(async () => {
    client.destroy();
    await paused.close();
  });

  /** How many of so many calls of two operations are let through at this moment. */
  async function admitted(calls: number): Promise<number> {
    let count = 0;
    for (let n = 0; n < calls; n += 1) {
      const call =
        n % 2 ? client.send(new DescribeWorkspacesCommand({})) : client.send(new DescribeWorkspaceBundlesCommand({}));
      count += await call.then(
        () => 1,
        (error: Error) => {
          assert.equal(error.name, 'ThrottlingException');
          return 0;
        },
      );
    }
    return count;
  }

  it('lets 5 calls through at once, then 2 a second, all operations together', async () => {
    assert.equal(await admitted(8), 5);
    paused.pass(1);
    assert.equal(await admitted(4), 2);
    paused.pass(60);
    assert.equal(await admitted(8), 5);
  });
});
