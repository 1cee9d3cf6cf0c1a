/** AWS Systems Manager: which desktops have an agent, and the warning on their users' screens. */
import { ApplicationFailure, activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type InstanceInformation,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { Target } from '../domain/target.ts';
import { awsTime } from './aws-time.ts';
import { awsErrorCode, call, failureType } from './failure.ts';

export interface SsmDeps {
  readonly ssmFor: (target: Target) => SSMClient;
}

export interface WarnInput {
  readonly target: Target;
  readonly computerName: string;
  /** The registrations of that computer name, the newest first. */
  readonly instanceIds: readonly string[];
  readonly message: string;
  /** Names this warning, so that a second attempt finds what the first one sent; at most 100 characters. */
  readonly key: string;
}

export type Warned = 'delivered' | 'noAgent' | 'failed';

export interface WarnReply {
  readonly warned: Warned;
  /** AWS's time when that was seen; null: nothing was sent. */
  readonly at: string | null;
}

const POLL = '2 seconds';
/** A warning that has not reached the desktop by then comes too late to be one. */
const DELIVERY_SECONDS = 60;

export const createSsmActivities = ({ ssmFor }: SsmDeps) => ({
  /** Reads a page of the registered instances: 50 computer names and whether their agent is online. @iam ssm:DescribeInstanceInformation */
  async describeAgents(input: { readonly target: Target; readonly nextToken: string | null }): Promise<{
    readonly agents: { readonly instanceId: string; computerName: string; online: boolean; registeredAt: string }[];
    readonly nextToken: string | null;
  }> {
    const { target, nextToken } = input;
    return await call({ target, action: 'ssm:DescribeInstanceInformation' }, async () => {
      const command = new DescribeInstanceInformationCommand({
        MaxResults: 50,
        ...(nextToken ? { NextToken: nextToken } : {}),
      });
      const output = await ssmFor(target).send(command, { abortSignal: cancellationSignal() });
      const agents = (output.InstanceInformationList ?? []).map((each) => ({
        instanceId: each.InstanceId ?? '',
        computerName: each.ComputerName ?? '',
        online: each.PingStatus === 'Online',
        registeredAt: (each.RegistrationDate ?? new Date(0)).toISOString(),
      }));
      return { agents, nextToken: output.NextToken ?? null };
    });
  },

  /**
   * Shows the warning on a desktop and waits until its agent has run it. Sends one command: a repeated attempt goes on with
   * the command in its heartbeat, or with the one that carries its key. @iam ssm:DescribeInstanceInformation ssm:ListCommands ssm:SendCommand ssm:GetCommandInvocation
   */
  async warnUser(input: WarnInput): Promise<WarnReply> {
    const context = { target: input.target, action: 'ssm:SendCommand', resource: input.computerName };
    return await call(context, async () => {
      const sent =
        (activityInfo().heartbeatDetails as Sent | undefined) ?? (await sendWarning(ssmFor(input.target), input));
      if (!sent) return { warned: 'noAgent', at: null };
      heartbeat(sent);
      return await howItWent(ssmFor(input.target), sent);
    });
  },
});

interface Sent {
  readonly commandId: string;
  readonly instanceId: string;
}

async function sendWarning(ssm: SSMClient, { instanceIds, message, key }: WarnInput): Promise<Sent | null> {
  const agent = await newestOnline(ssm, instanceIds);
  if (!agent?.InstanceId) return null;
  const instanceId = agent.InstanceId;
  const options = { abortSignal: cancellationSignal() };
  if (activityInfo().attempt > 1) {
    const earlier = await ssm.send(new ListCommandsCommand({ InstanceId: instanceId, MaxResults: 50 }), options);
    const same = earlier.Commands?.find((command) => command.Comment === key);
    if (same?.CommandId) return { commandId: same.CommandId, instanceId };
  }
  const windows = agent.PlatformType === 'Windows';
  const command = new SendCommandCommand({
    InstanceIds: [instanceId],
    DocumentName: windows ? 'AWS-RunPowerShellScript' : 'AWS-RunShellScript',
    Comment: key,
    TimeoutSeconds: DELIVERY_SECONDS,
    Parameters: { commands: [windows ? `msg * /TIME:0 ${quoted(message)}` : `wall ${quoted(message)}`] },
  });
  try {
    const output = await ssm.send(command, options);
    return { commandId: output.Command?.CommandId ?? '', instanceId };
  } catch (error) {
    // The agent went offline since it was looked at.
    if (awsErrorCode(error) === 'InvalidInstanceId') return null;
    throw error;
  }
}

/** In single quotes, which neither PowerShell nor a shell looks into; apostrophes are left out. */
const quoted = (message: string): string => `'${message.replaceAll(/['\r\n]/g, ' ')}'`;

async function newestOnline(ssm: SSMClient, instanceIds: readonly string[]): Promise<InstanceInformation | undefined> {
  if (instanceIds.length === 0) return undefined;
  const filter = { Key: 'InstanceIds', Values: [...instanceIds] };
  const output = await ssm.send(new DescribeInstanceInformationCommand({ Filters: [filter] }), {
    abortSignal: cancellationSignal(),
  });
  return (output.InstanceInformationList ?? [])
    .filter((each) => each.PingStatus === 'Online')
    .toSorted((a, b) => (b.RegistrationDate?.getTime() ?? 0) - (a.RegistrationDate?.getTime() ?? 0))[0];
}

const UNDER_WAY = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

/** Throws `StillPending` until the invocation has ended; just after SendCommand AWS may not know it yet. */
async function howItWent(ssm: SSMClient, { commandId, instanceId }: Sent): Promise<WarnReply> {
  const command = new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId });
  let status: string = 'Pending';
  try {
    const output = await ssm.send(command, { abortSignal: cancellationSignal() });
    status = output.Status ?? status;
    if (status === 'Success') return { warned: 'delivered', at: awsTime(output) };
    if (!UNDER_WAY.has(status)) return { warned: 'failed', at: awsTime(output) };
  } catch (error) {
    if (failureType(error) !== 'StillPending') throw error;
  }
  throw ApplicationFailure.create({
    type: 'StillPending',
    message: `the warning ${commandId} on ${instanceId} is ${status}`,
    nextRetryDelay: POLL,
    category: 'BENIGN',
  });
}
