import assert from 'node:assert/strict';
import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type DescribeInstanceInformationCommandInput,
  type SendCommandCommandInput,
} from '@aws-sdk/client-ssm';
import { RebuildWorkspacesCommand } from '@aws-sdk/client-workspaces';
import { scriptsRun } from '../../sandbox/services/ssm/commands.ts';
import { changeSsmSettings } from '../../sandbox/services/ssm/settings.ts';
import { refused, startPaused } from './paused.ts';
import type { Paused } from './paused.ts';

describe('sandbox: Systems Manager', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(12, {
      special: { agentOffline: [1], twoRegistrations: [2], noAgent: [3], stopped: [4] },
    });
  });
  afterEach(() => paused.close());

  const agent = (index: number): string => paused.fleet.members[index]?.instanceIds[0] ?? assert.fail('no agent');
  const find = async (input: DescribeInstanceInformationCommandInput) =>
    (await paused.ssm.send(new DescribeInstanceInformationCommand(input))).InstanceInformationList ?? [];
  const byId = (...ids: string[]) => find({ Filters: [{ Key: 'InstanceIds', Values: ids }] });
  const ping = async (index: number) => (await byId(agent(index)))[0]?.PingStatus;

  async function send(index: number, changes: Partial<SendCommandCommandInput> = {}): Promise<string> {
    const command = new SendCommandCommand({
      InstanceIds: [agent(index)],
      DocumentName: 'AWS-RunPowerShellScript',
      Parameters: { commands: ['msg * hello'] },
      ...changes,
    });
    return (await paused.ssm.send(command)).Command?.CommandId ?? '';
  }
  const invocation = (index: number, CommandId: string, PluginName?: string) =>
    paused.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: agent(index), PluginName }));

  describe('DescribeInstanceInformation', () => {
    it('gives hybrid instances with their fully qualified computer name', async () => {
      const [one] = await byId(agent(0));
      assert.match(one?.InstanceId ?? '', /^mi-[0-9a-f]{17}$/);
      assert.match(one?.ComputerName ?? '', /^WSAMZN-[0-9A-Z]{8}\.corp\.example\.com$/);
      assert.equal(one?.PlatformType, 'Windows');
      assert.equal(one.PingStatus, 'Online');
      assert.equal(one.ResourceType, 'ManagedInstance');
    });

    it('pages 10 at a time unless told otherwise, 5 to 50', async () => {
      const first = await paused.ssm.send(new DescribeInstanceInformationCommand({}));
      assert.equal(first.InstanceInformationList?.length, 10);
      const { NextToken } = first;
      const rest = await paused.ssm.send(new DescribeInstanceInformationCommand({ NextToken }));
      assert.equal(rest.InstanceInformationList?.length, 2);
      assert.equal((await find({ MaxResults: 50 })).length, 12);
      await assert.rejects(find({ MaxResults: 4 }));
      await refused(find({ NextToken: 'bm9uc2Vuc2U=' }), 'InvalidNextToken');
    });

    it('filters by ping status; a stopped WorkSpace’s agent is not online', async () => {
      const online = await find({ Filters: [{ Key: 'PingStatus', Values: ['Online'] }], MaxResults: 50 });
      assert.equal(online.length, 9);
      assert.equal(await ping(1), 'ConnectionLost');
      assert.equal(await ping(4), 'ConnectionLost');
    });

    it('can hold several registrations of one computer name', async () => {
      const [newest, old] = await byId(...(paused.fleet.members[2]?.instanceIds ?? []));
      assert.equal(newest?.ComputerName, old?.ComputerName);
      assert.deepEqual([newest?.PingStatus, old?.PingStatus], ['Online', 'ConnectionLost']);
      assert.ok((newest?.RegistrationDate?.getTime() ?? 0) > (old?.RegistrationDate?.getTime() ?? Infinity));
    });

    it('shows an agent Online until it misses a ping; a rebuild takes its registration away', async () => {
      const RebuildWorkspaceRequests = [{ WorkspaceId: paused.id(0) }];
      await paused.workspaces.send(new RebuildWorkspacesCommand({ RebuildWorkspaceRequests }));
      paused.pass(60);
      assert.equal(await ping(0), 'Online');
      paused.pass(10 * 60);
      assert.equal(await ping(0), 'ConnectionLost');
      paused.pass(3 * 3600);
      assert.equal(await ping(0), 'ConnectionLost');
      changeSsmSettings(paused.fleet.place, { agentsSurviveRebuilds: true });
      assert.equal(await ping(0), 'Online');
    });

    it('refuses unknown filters, malformed ids, and both kinds of filters at once', async () => {
      await refused(find({ Filters: [{ Key: 'Color', Values: ['red'] }] }), 'InvalidFilterKey');
      await refused(byId('mi-x'), 'InvalidInstanceId');
      const InstanceInformationFilterList = [{ key: 'PingStatus' as const, valueSet: ['Online'] }];
      const Filters = [{ Key: 'PingStatus', Values: ['Online'] }];
      await refused(find({ Filters, InstanceInformationFilterList }), 'ValidationException');
      assert.deepEqual(await byId('mi-00000000000000000'), []);
    });
  });

  describe('SendCommand', () => {
    it('runs a script: not found for a moment, then Pending, InProgress, Success', async () => {
      changeSsmSettings(paused.fleet.place, { unseenSeconds: [2, 2], pendingSeconds: [3, 3], runSeconds: [4, 4] });
      const commandId = await send(0, { Comment: 'upgrade-warning' });
      await refused(invocation(0, commandId), 'InvocationDoesNotExist');
      paused.pass(2);
      const pending = await invocation(0, commandId);
      assert.deepEqual([pending.Status, pending.ResponseCode], ['Pending', -1]);
      paused.pass(3);
      assert.equal((await invocation(0, commandId)).Status, 'InProgress');
      paused.pass(4);
      const done = await invocation(0, commandId, 'aws:runPowerShellScript');
      assert.deepEqual([done.Status, done.ResponseCode, done.Comment], ['Success', 0, 'upgrade-warning']);
      const [shown] = scriptsRun(paused.fleet.place);
      assert.deepEqual([shown?.workspaceId, shown?.script], [paused.id(0), 'msg * hello']);
    });

    it('refuses agents that are offline or unknown, or accepts them to no avail, as the setting says', async () => {
      await refused(send(1), 'InvalidInstanceId');
      await refused(send(0, { InstanceIds: ['mi-00000000000000000'] }), 'InvalidInstanceId');
      changeSsmSettings(paused.fleet.place, { offline: 'undeliverable' });
      const commandId = await send(1);
      paused.pass(30);
      const { Status, StatusDetails, ResponseCode } = await invocation(1, commandId);
      assert.deepEqual([Status, StatusDetails, ResponseCode], ['Failed', 'Undeliverable', -1]);
      assert.deepEqual(scriptsRun(paused.fleet.place), []);
    });

    it('times out undelivered on an instance that was Online a moment ago', async () => {
      const RebuildWorkspaceRequests = [{ WorkspaceId: paused.id(0) }];
      await paused.workspaces.send(new RebuildWorkspacesCommand({ RebuildWorkspaceRequests }));
      paused.pass(60);
      const commandId = await send(0, { TimeoutSeconds: 60 });
      paused.pass(30);
      assert.equal((await invocation(0, commandId)).Status, 'Delayed');
      paused.pass(40);
      const { Status, StatusDetails } = await invocation(0, commandId);
      assert.deepEqual([Status, StatusDetails], ['TimedOut', 'Delivery Timed Out']);
    });

    it('fails, or runs until its execution times out, when a rule says so', async () => {
      paused.sandbox.faults.add({ kind: 'fail', operation: 'SendCommand', count: 1, message: 'No User exists for *' });
      paused.sandbox.faults.add({ kind: 'stuck', operation: 'SendCommand', count: 1 });
      const failing = await send(0);
      const hanging = await send(2, { Parameters: { commands: ['x'], executionTimeout: ['120'] } });
      paused.pass(30);
      const failed = await invocation(0, failing);
      assert.deepEqual([failed.Status, failed.ResponseCode], ['Failed', 1]);
      assert.match(failed.StandardErrorContent ?? '', /No User/);
      assert.equal((await invocation(2, hanging)).Status, 'InProgress');
      paused.pass(120);
      assert.equal((await invocation(2, hanging)).StatusDetails, 'Execution Timed Out');
    });

    it('refuses an unknown document, the other platform’s, unknown parameters, and more than 50 instances', async () => {
      await refused(send(0, { DocumentName: 'Nonsense' }), 'InvalidDocument');
      await refused(send(0, { DocumentName: 'AWS-RunShellScript' }), 'UnsupportedPlatformType');
      await refused(send(0, { Parameters: { commands: ['x'], color: ['red'] } }), 'InvalidParameters');
      await refused(send(0, { Parameters: {} }), 'InvalidParameters');
      await refused(send(0, { InstanceIds: [agent(0), agent(0)] }), 'DuplicateInstanceId');
      await assert.rejects(send(0, { InstanceIds: Array.from({ length: 51 }, () => agent(0)) }));
      await assert.rejects(send(0, { Comment: 'x'.repeat(101) }));
      await assert.rejects(send(0, { TimeoutSeconds: 29 }));
    });

    it('makes a new command of every call: nothing in the API prevents a second warning', async () => {
      assert.notEqual(await send(0, { Comment: 'same' }), await send(0, { Comment: 'same' }));
      paused.pass(60);
      assert.equal(scriptsRun(paused.fleet.place).length, 2);
    });
  });

  describe('ListCommands and GetCommandInvocation', () => {
    it('finds commands by id and by instance, the newest first, with their comment', async () => {
      const first = await send(0, { Comment: 'one' });
      const second = await send(0, { Comment: 'two' });
      await send(2, { Comment: 'three' });
      paused.pass(10);
      const list = async (input: object) => (await paused.ssm.send(new ListCommandsCommand(input))).Commands ?? [];
      assert.deepEqual(
        (await list({ InstanceId: agent(0) })).map(({ CommandId, Comment }) => [CommandId, Comment]),
        [
          [second, 'two'],
          [first, 'one'],
        ],
      );
      assert.equal((await list({ CommandId: first }))[0]?.Status, 'Success');
      assert.equal((await list({ Filters: [{ key: 'Status', value: 'Success' }] })).length, 3);
      const InvokedAfter = new Date(paused.now()).toISOString();
      assert.deepEqual(await list({ Filters: [{ key: 'InvokedAfter', value: InvokedAfter }] }), []);
      await refused(list({ CommandId: '11112222-3333-4444-8555-666677778888' }), 'InvalidCommandId');
    });

    it('refuses a wrong plugin name and an instance that the command was not for', async () => {
      const commandId = await send(0);
      paused.pass(30);
      await refused(invocation(0, commandId, 'aws:runShellScript'), 'InvalidPluginName');
      await refused(invocation(2, commandId), 'InvocationDoesNotExist');
    });
  });
});
