/** Restores of the well-known fleet's WorkSpaces, and what really became of these. */
import assert from 'node:assert/strict';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { FleetRestoreInput } from '../../domain/fleet-restore.ts';
import type { ImageRestoreInput, Strategy } from '../../domain/image-restore.ts';
import { needsBundle } from '../../domain/restore-checks.ts';
import { NO_SELECTION } from '../../domain/selection.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { isThere } from '../../sandbox/services/workspaces/lifetime.ts';
import { bundles, desktops, type Desktop } from '../../sandbox/services/workspaces/rows.ts';
import { viewAt } from '../../sandbox/services/workspaces/timeline.ts';
import type { imageRestoreFleet } from '../../workflows/image-restore-fleet.ts';
import { imageRestoreFleetId } from '../../workflows/image-restore-fleet.messages.ts';
import type { imageRestore } from '../../workflows/image-restore.ts';
import { imageRestoreId, restoreStatusQuery, type ImageRestoreStatus } from '../../workflows/image-restore.messages.ts';
import { idOf } from './truth.ts';
import { target, waitUntil, type Rig } from './upgrade.ts';

export type Restore = WorkflowHandleWithFirstExecutionRunId<typeof imageRestore>;

/** Of the fleet's nth WorkSpace, with all that a person has to say. */
export function restoreInput(
  rig: Rig,
  index: number,
  strategy: Strategy,
  changes: Partial<ImageRestoreInput> = {},
): ImageRestoreInput {
  const workspaceId = idOf(rig, index);
  return {
    target,
    workspaceId,
    strategy,
    imageId: needsBundle(strategy) ? WELL_KNOWN.newImageId : null,
    snapshotTime: null,
    notAfter: null,
    loseUserVolume: strategy === 'recreate',
    confirm: workspaceId,
    otherUser: strategy === 'copy' ? 'second.user' : null,
    canary: false,
    lastImage: false,
    approval: { required: false, expiresMinutes: 600 },
    operatorTopicArn: WELL_KNOWN.topicArn,
    nobodyToTell: false,
    report: { bucket: WELL_KNOWN.reportBucket, prefix: 'restores/', kmsKeyArn: null },
    ...changes,
  };
}

export async function startRestore(rig: Rig, input: ImageRestoreInput): Promise<Restore> {
  return await rig.client.workflow.start<typeof imageRestore>('imageRestore', {
    workflowId: imageRestoreId(input.target, input.workspaceId),
    taskQueue: TASK_QUEUE,
    args: [input],
  });
}

/** Waits until the status is so. */
export async function untilStatus(
  restore: Restore,
  what: string,
  holds: (status: ImageRestoreStatus) => boolean,
): Promise<ImageRestoreStatus> {
  let last: ImageRestoreStatus | undefined;
  await waitUntil(`${what} (${restore.workflowId})`, async () => {
    last = await restore.query(restoreStatusQuery).catch(() => undefined);
    if (last?.phase === 'done' && !holds(last))
      assert.fail(`${what}: it ended as ${last.row.outcome}: ${last.row.reason}`);
    return last !== undefined && holds(last);
  });
  return last ?? assert.fail(what);
}

/** WorkSpaces that are there, of a user of the nth one's directory; the nth one's own user unless told. */
export function desktopsOf(rig: Rig, userName: string): Desktop[] {
  const now = rig.sandbox.clock.now();
  return desktops(rig.fleet.place)
    .values()
    .filter((desktop) => desktop.userName === userName && viewAt(desktop, now));
}

export const stateOf = (rig: Rig, { workspaceId }: Pick<Desktop, 'workspaceId'>): string | undefined => {
  const desktop = desktops(rig.fleet.place).get(workspaceId);
  return desktop && viewAt(desktop, rig.sandbox.clock.now())?.state;
};

/** Names of the restore bundles that are there. */
export const restoreBundles = (rig: Rig): string[] =>
  bundles(rig.fleet.place)
    .values()
    .filter((bundle) => bundle.name.startsWith('holdfast-restore-') && isThere(bundle, rig.sandbox.clock.now()))
    .map(({ name }) => name);

/** A restore of all WorkSpaces that carry the well-known tag, by their last snapshot. */
export const fleetRestoreInput = (changes: Partial<FleetRestoreInput> = {}): FleetRestoreInput => ({
  target,
  name: 'after-monday',
  selection: { ...NO_SELECTION, allOf: [WELL_KNOWN.tag] },
  strategy: 'snapshot',
  imageId: null,
  notAfter: '2036-03-02T08:00:00Z',
  loseUserVolume: false,
  lastImage: false,
  confirmCount: null,
  maxResources: 100,
  maxConcurrent: 2,
  canarySize: '1',
  waveSizes: [],
  soakMinutes: 30,
  maxFailures: '0',
  approval: { required: false, expiresMinutes: 60 },
  operatorTopicArn: null,
  nobodyToTell: false,
  report: { bucket: WELL_KNOWN.reportBucket, prefix: 'fleet/', kmsKeyArn: null },
  ...changes,
});

export const startFleetRestore = async (rig: Rig, input: FleetRestoreInput) =>
  await rig.client.workflow.start<typeof imageRestoreFleet>('imageRestoreFleet', {
    workflowId: imageRestoreFleetId(target, input.name),
    taskQueue: TASK_QUEUE,
    args: [input],
  });
