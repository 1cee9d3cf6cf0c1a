/** ListCommands and GetCommandInvocation. */
import { AwsError } from '../../service.ts';
import type { Operation } from '../../service.ts';
import { paginate } from '../../pagination.ts';
import { commandShown, commandStatus, commands, seenCommands, stageAt } from './commands.ts';
import type { Command, Invocation } from './commands.ts';

const PLUGIN_OF_DOCUMENT: Readonly<Record<string, string>> = {
  'AWS-RunPowerShellScript': 'aws:runPowerShellScript',
  'AWS-RunShellScript': 'aws:runShellScript',
};

interface ListInput {
  readonly CommandId?: string;
  readonly InstanceId?: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
  readonly Filters?: readonly { readonly key: string; readonly value: string }[];
}

function fits(command: Command, key: string, value: string, at: number): boolean {
  switch (key) {
    case 'InvokedAfter':
      return command.requestedAt >= Date.parse(value);
    case 'InvokedBefore':
      return command.requestedAt <= Date.parse(value);
    case 'Status':
      return commandStatus(command, at).status === value;
    case 'ExecutionStage':
      return (value === 'Complete') === !['Pending', 'InProgress'].includes(commandStatus(command, at).status);
    case 'DocumentName':
      return command.documentName === value;
    default:
      throw new AwsError('InvalidFilterKey', `The specified filter key ${key} is not valid.`);
  }
}

const listCommands: Operation = (input: ListInput, call) => {
  const { CommandId, InstanceId, MaxResults, NextToken, Filters = [] } = input;
  const seen = seenCommands(call);
  if (CommandId && !seen.some(({ commandId }) => commandId === CommandId)) {
    throw new AwsError('InvalidCommandId', `The specified command ID ${CommandId} is not valid.`);
  }
  const found = paginate(
    {
      operation: 'ListCommands',
      items: seen
        .filter(({ commandId }) => !CommandId || commandId === CommandId)
        .filter(({ invocations }) => !InstanceId || invocations.some((one) => one.instanceId === InstanceId))
        .filter((command) => Filters.every(({ key, value }) => fits(command, key, value, call.asOf))),
      idOf: ({ commandId }) => commandId,
      pageSize: MaxResults ?? 50,
      token: NextToken,
      parameters: { CommandId, InstanceId, Filters },
      invalidToken: () => new AwsError('InvalidNextToken', 'The specified token is not valid.'),
    },
    call,
  );
  return { Commands: found.items.map((command) => commandShown(command, call.asOf)), NextToken: found.nextToken };
};

interface InvocationInput {
  readonly CommandId: string;
  readonly InstanceId: string;
  readonly PluginName?: string;
}

const getCommandInvocation: Operation = (input: InvocationInput, call) => {
  const command = commands(call).get(input.CommandId);
  const invocation = command?.invocations.find(({ instanceId }) => instanceId === input.InstanceId);
  if (!command || !invocation || command.seenFrom > call.asOf) {
    const message = `No invocation of command ${input.CommandId} on ${input.InstanceId} was found.`;
    throw new AwsError('InvocationDoesNotExist', message);
  }
  const plugin = PLUGIN_OF_DOCUMENT[command.documentName];
  if (input.PluginName && input.PluginName !== plugin) {
    throw new AwsError('InvalidPluginName', `The plugin name ${input.PluginName} is not valid.`);
  }
  return invocationShown(command, invocation, call.asOf);
};

function invocationShown(command: Command, invocation: Invocation, at: number): object {
  const stage = stageAt(invocation, at);
  const started = invocation.stages.find(({ status }) => status === 'InProgress');
  const ran = started !== undefined && started.at <= at;
  const ended = ran && stage?.status !== 'InProgress' ? stage : undefined;
  const iso = (time: number) => new Date(time).toISOString();
  return {
    CommandId: command.commandId,
    InstanceId: invocation.instanceId,
    Comment: command.comment,
    DocumentName: command.documentName,
    DocumentVersion: '$DEFAULT',
    PluginName: PLUGIN_OF_DOCUMENT[command.documentName],
    // -1 until the script has ended, also when it never reached the instance.
    ResponseCode: !ended ? -1 : ended.status === 'Success' ? 0 : 1,
    ExecutionStartDateTime: ran ? iso(started.at) : '',
    ExecutionElapsedTime: ended && started ? `PT${((ended.at - started.at) / 1000).toFixed(3)}S` : '',
    ExecutionEndDateTime: ended ? iso(ended.at) : '',
    Status: stage?.status,
    StatusDetails: stage?.details,
    StandardOutputContent: '',
    StandardOutputUrl: '',
    StandardErrorContent: ended?.status === 'Failed' ? invocation.errorOutput : '',
    StandardErrorUrl: '',
    CloudWatchOutputConfig: { CloudWatchLogGroupName: '', CloudWatchOutputEnabled: false },
  };
}

export const resultOperations = { ListCommands: listCommands, GetCommandInvocation: getCommandInvocation };
