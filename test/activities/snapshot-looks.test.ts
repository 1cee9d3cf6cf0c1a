import assert from 'node:assert/strict';
import { ApplicationFailure, asyncLocalStorage, type Context } from '@temporalio/activity';
import { createSnapshotLooksActivities, type SnapshotSeen } from '../../activities/snapshot-looks.ts';
import { WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { startPaused, type Paused } from '../sandbox/paused.ts';

const target = { account: WELL_KNOWN.account, region: WELL_KNOWN.region };

describe('describeNewestSnapshots', () => {
  let paused: Paused;
  let heartbeatDetails: unknown;
  beforeEach(async () => {
    paused = await startPaused(3);
    heartbeatDetails = undefined;
  });
  afterEach(() => paused.close());

  /** One attempt, as Temporal makes it: with what the last one left in its heartbeat. */
  const attempt = async (workspaceIds: readonly string[]): Promise<readonly SnapshotSeen[]> => {
    const context = {
      info: { heartbeatDetails },
      cancellationSignal: new AbortController().signal,
      heartbeat: (details: unknown) => void (heartbeatDetails = details),
    } as unknown as Context;
    const activities = createSnapshotLooksActivities({ workspacesFor: () => paused.workspaces });
    return await asyncLocalStorage.run(context, () => activities.describeNewestSnapshots({ target, workspaceIds }));
  };
  const isStillPending = (error: unknown): boolean =>
    error instanceof ApplicationFailure && error.type === 'StillPending' && error.nonRetryable !== true;
  const calls = (): number => paused.sandbox.recorder.count({ operation: 'DescribeWorkspaceSnapshots' });

  it('makes one call an attempt, and answers when all have been looked at', async () => {
    const ids = [paused.id(0), 'ws-0nobody001', paused.id(2)];
    await assert.rejects(attempt(ids), isStillPending);
    assert.equal(calls(), 1);
    await assert.rejects(attempt(ids), isStillPending);
    const seen = await attempt(ids);
    assert.equal(calls(), 3);
    assert.deepEqual(
      seen.map(({ workspaceId, gone, snapshot }) => [workspaceId, gone, snapshot === null]),
      [
        [ids[0], false, false],
        [ids[1], true, true],
        [ids[2], false, false],
      ],
    );
  });

  it('looks at the same one again after a call that did not get through', async () => {
    const ids = [paused.id(0), paused.id(1)];
    await assert.rejects(attempt(ids), isStillPending);
    paused.sandbox.faults.add({ kind: 'throttle', operation: 'DescribeWorkspaceSnapshots', count: 1 });
    await assert.rejects(attempt(ids), { type: 'Throttled' });
    const seen = await attempt(ids);
    assert.deepEqual(
      seen.map(({ workspaceId }) => workspaceId),
      ids,
    );
  });
});
