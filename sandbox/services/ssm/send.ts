/** SendCommand. */
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import type { Random } from '../../random.ts';
import { uuidFrom } from '../uuid.ts';
import { commandShown, commands } from './commands.ts';
import type { Command, Invocation, Stage } from './commands.ts';
import { instances, isUp, pingStatusOf } from './instances.ts';
import type { Instance } from './instances.ts';
import { ssmSettingsOf } from './settings.ts';

const PLATFORM_OF_DOCUMENT: Readonly<Record<string, Instance['platform']>> = {
  'AWS-RunPowerShellScript': 'Windows',
  'AWS-RunShellScript': 'Linux',
};
const PARAMETERS = ['commands', 'workingDirectory', 'executionTimeout'];

interface Input {
  readonly InstanceIds?: readonly string[];
  readonly Targets?: readonly { readonly Key?: string; readonly Values?: readonly string[] }[];
  readonly DocumentName: string;
  readonly TimeoutSeconds?: number;
  readonly Comment?: string;
  readonly Parameters?: Readonly<Record<string, readonly string[]>>;
}

const sendCommand: Operation = (input: Input, call) => {
  checkDocument(input);
  const chosen = chosenInstances(input, call);
  const settings = ssmSettingsOf(call);
  const random = call.world.random(`ssm/${call.account}/${call.region}/${commands(call).size}`);
  const commandId = uuidFrom(random);
  const seenFrom = call.now + draw(random, settings.unseenSeconds);
  const timeoutSeconds = input.TimeoutSeconds ?? 3600;
  const command: Command = {
    commandId,
    documentName: input.DocumentName,
    comment: input.Comment ?? '',
    parameters: input.Parameters ?? {},
    instanceIds: input.InstanceIds ?? [],
    timeoutSeconds,
    requestedAt: call.now,
    seenFrom,
    invocations: chosen.map((one) => courseOf(one, call, random, { seenFrom, timeoutSeconds, input })),
  };
  commands(call).set(commandId, command);
  return { Command: commandShown(command, call.now) };
};

const draw = (random: Random, [least, most]: readonly [number, number]): number =>
  Math.round(random.between(least, most) * 1000);

function checkDocument({ DocumentName, Parameters = {} }: Input): void {
  if (!PLATFORM_OF_DOCUMENT[DocumentName]) {
    throw new AwsError('InvalidDocument', `Document with name ${DocumentName} does not exist.`);
  }
  const unknown = Object.keys(Parameters).find((name) => !PARAMETERS.includes(name));
  if (unknown) throw new AwsError('InvalidParameters', `Parameter ${unknown} is not defined in the document.`);
  if (!Parameters['commands']?.length) throw new AwsError('InvalidParameters', 'Parameter commands is required.');
}

function chosenInstances(input: Input, call: Call): Instance[] {
  const { InstanceIds = [], Targets = [] } = input;
  if (InstanceIds.length === 0 && Targets.length === 0) {
    throw new AwsError('InvalidInstanceId', 'Specify InstanceIds or Targets.');
  }
  if (new Set(InstanceIds).size < InstanceIds.length) {
    throw new AwsError('DuplicateInstanceId', 'An instance is specified more than once.');
  }
  // Of targets, only ids choose anything: these instances have no tags.
  const targeted = Targets.filter(({ Key }) => Key === 'InstanceIds').flatMap(({ Values = [] }) => Values);
  const ids = [...InstanceIds, ...targeted];
  const bad = ids.filter((id) => !isValid(id, call));
  if (bad.length > 0) {
    const message = `Instances [[${bad.join(', ')}]] not in a valid state for account ${call.account}`;
    throw new AwsError('InvalidInstanceId', message);
  }
  const chosen = ids.map((id) => instances(call).get(id)).filter((instance) => instance !== undefined);
  const platform = PLATFORM_OF_DOCUMENT[input.DocumentName];
  if (chosen.some((instance) => instance.platform !== platform)) {
    throw new AwsError('UnsupportedPlatformType', `The document ${input.DocumentName} is for ${platform}.`);
  }
  return chosen;
}

function isValid(id: string, call: Call): boolean {
  const instance = instances(call).get(id);
  if (!instance) return false;
  return ssmSettingsOf(call).offline === 'undeliverable' || pingStatusOf(call, instance, call.now) === 'Online';
}

interface Sent {
  readonly seenFrom: number;
  readonly timeoutSeconds: number;
  readonly input: Input;
}

/** The whole course of one invocation, decided when it is sent. */
function courseOf(
  instance: Instance,
  call: Call,
  random: Random,
  { seenFrom, timeoutSeconds, input }: Sent,
): Invocation {
  const { instanceId } = instance;
  const settings = ssmSettingsOf(call);
  const start = seenFrom + draw(random, settings.pendingSeconds);
  const end = start + draw(random, settings.runSeconds);
  const pending: Stage = { at: call.now, status: 'Pending', details: 'Pending' };
  const running: Stage = { at: start, status: 'InProgress', details: 'In Progress' };
  const invocation = (errorOutput: string, ...stages: Stage[]) => ({
    instanceId,
    errorOutput,
    stages: [pending, ...stages],
  });
  if (pingStatusOf(call, instance, call.now) !== 'Online') {
    return invocation('', { at: start, status: 'Failed', details: 'Undeliverable' });
  }
  // It was Online a moment ago and is not there any more.
  if (!isUp(call, instance, start)) {
    const at = call.now + timeoutSeconds * 1000;
    const delayed: Stage = { at: start, status: 'Delayed', details: 'Delayed' };
    return invocation('', delayed, { at, status: 'TimedOut', details: 'Delivery Timed Out' });
  }
  const where = { service: 'ssm', operation: 'SendCommand', input: { InstanceIds: [instanceId] } };
  const fault = call.world.faults.take(['stuck', 'fail'], where);
  if (fault?.kind === 'fail') {
    return invocation(fault.message ?? 'failed', running, { at: end, status: 'Failed', details: 'Failed' });
  }
  if (fault) {
    const at = start + Number(input.Parameters?.['executionTimeout']?.[0] ?? 3600) * 1000;
    return invocation('', running, { at, status: 'TimedOut', details: 'Execution Timed Out' });
  }
  return invocation('', running, { at: end, status: 'Success', details: 'Success' });
}

export const sendOperations = { SendCommand: sendCommand };
