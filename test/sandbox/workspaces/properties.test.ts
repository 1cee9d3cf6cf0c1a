import assert from 'node:assert/strict';
import {
  CreateWorkspaceImageCommand,
  DescribeWorkspacesCommand,
  ModifyWorkspacePropertiesCommand,
} from '@aws-sdk/client-workspaces';
import type { WorkspaceProperties } from '@aws-sdk/client-workspaces';
import { refused, startPaused } from '../paused.ts';
import type { Paused } from '../paused.ts';

const MINUTES = 60;

describe('sandbox: ModifyWorkspaceProperties', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(4, { special: { stopped: [1], inError: [2] } });
    paused.settings({ modifyMinutes: [40, 40] });
  });
  afterEach(() => paused.close());

  const modify = (index: number, properties: WorkspaceProperties) =>
    paused.workspaces.send(
      new ModifyWorkspacePropertiesCommand({ WorkspaceId: paused.id(index), WorkspaceProperties: properties }),
    );
  async function look(index: number) {
    const input = { WorkspaceIds: [paused.id(index)] };
    return (await paused.workspaces.send(new DescribeWorkspacesCommand(input))).Workspaces?.[0] ?? assert.fail('gone');
  }
  const image = (index: number) =>
    paused.workspaces.send(
      new CreateWorkspaceImageCommand({ WorkspaceId: paused.id(index), Name: 'image', Description: 'Image' }),
    );

  it('changes a volume or the compute type in minutes, UPDATING with its modification shown', async () => {
    await modify(0, { UserVolumeSizeGib: 100 });
    assert.deepEqual((await look(0)).ModificationStates, [{ Resource: 'USER_VOLUME', State: 'UPDATE_INITIATED' }]);
    paused.pass(10);
    const during = await look(0);
    assert.equal(during.State, 'UPDATING');
    assert.deepEqual(during.ModificationStates, [{ Resource: 'USER_VOLUME', State: 'UPDATE_IN_PROGRESS' }]);
    assert.equal(during.WorkspaceProperties?.UserVolumeSizeGib, 50);
    paused.pass(40 * MINUTES);
    const after = await look(0);
    assert.deepEqual(
      [after.State, after.ModificationStates, after.WorkspaceProperties?.UserVolumeSizeGib],
      ['AVAILABLE', [], 100],
    );
    await modify(1, { ComputeTypeName: 'POWER' });
    paused.pass(41 * MINUTES);
    assert.deepEqual(
      [(await look(1)).State, (await look(1)).WorkspaceProperties?.ComputeTypeName],
      ['STOPPED', 'POWER'],
    );
  });

  it('changes the running mode at once; AUTO_STOP counts idle time from then', async () => {
    await modify(0, { RunningMode: 'AUTO_STOP', RunningModeAutoStopTimeoutInMinutes: 120 });
    const { State, WorkspaceProperties } = await look(0);
    assert.deepEqual(
      [State, WorkspaceProperties?.RunningMode, WorkspaceProperties?.RunningModeAutoStopTimeoutInMinutes],
      ['AVAILABLE', 'AUTO_STOP', 120],
    );
    paused.pass(119 * MINUTES);
    assert.equal((await look(0)).State, 'AVAILABLE');
    paused.pass(3 * MINUTES);
    assert.equal((await look(0)).State, 'STOPPED');
  });

  it('starts one that is STOPPED when it becomes ALWAYS_ON', async () => {
    await modify(1, { RunningMode: 'ALWAYS_ON' });
    assert.equal((await look(1)).State, 'STARTING');
    paused.pass(90);
    assert.equal((await look(1)).State, 'AVAILABLE');
  });

  it('refuses another change and an image meanwhile, and other states', async () => {
    await modify(0, { ComputeTypeName: 'POWER' });
    await refused(modify(0, { RunningMode: 'AUTO_STOP' }), 'OperationInProgressException');
    await refused(image(0), 'InvalidResourceStateException');
    paused.pass(10);
    await refused(modify(0, { RunningMode: 'AUTO_STOP' }), 'OperationInProgressException');
    await refused(modify(2, { RunningMode: 'AUTO_STOP' }), 'InvalidResourceStateException');
  });

  it('refuses two changes at once, smaller volumes, and sizes that AWS does not have', async () => {
    const name = 'InvalidParameterValuesException';
    await refused(modify(0, { RootVolumeSizeGib: 175, UserVolumeSizeGib: 100 }), name, /one property/);
    await refused(modify(0, {}), name, /one property/);
    await refused(modify(0, { UserVolumeSizeGib: 10 }), name, /smaller/);
    await refused(modify(0, { RootVolumeSizeGib: 175 }), name, /root volume of 175/);
    await refused(modify(0, { RunningMode: 'AUTO_STOP', RunningModeAutoStopTimeoutInMinutes: 30 }), name);
    await refused(modify(0, { ComputeTypeName: 'GRAPHICS_G4DN' }), 'UnsupportedWorkspaceConfigurationException');
  });

  it('refuses the same change again for six hours', async () => {
    await modify(0, { ComputeTypeName: 'POWER' });
    paused.pass(3600);
    await refused(modify(0, { ComputeTypeName: 'POWERPRO' }), 'InvalidResourceStateException', /6 hours/);
    paused.pass(5 * 3600);
    await modify(0, { ComputeTypeName: 'POWERPRO' });
  });

  it('shows a change that failed by rule, which keeps an image from being made', async () => {
    paused.sandbox.faults.add({ kind: 'fail', operation: 'ModifyWorkspaceProperties' });
    await modify(0, { ComputeTypeName: 'POWER' });
    paused.pass(41 * MINUTES);
    const { State, ModificationStates, WorkspaceProperties } = await look(0);
    assert.deepEqual([State, WorkspaceProperties?.ComputeTypeName], ['AVAILABLE', 'STANDARD']);
    assert.deepEqual(ModificationStates, [{ Resource: 'COMPUTE_TYPE', State: 'UPDATE_FAILED' }]);
    await refused(image(0), 'InvalidResourceStateException', /being modified/);
  });
});
