/** Managed instances: agents that registered themselves, some of them long ago. */
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import { paginate } from '../../pagination.ts';
import { desktops } from '../workspaces/rows.ts';
import type { Place, State } from '../workspaces/rows.ts';
import { advance, viewAt } from '../workspaces/timeline.ts';
import { ssmSettingsOf } from './settings.ts';

const PING_MS = 5 * 60_000;

export interface Instance {
  /** `mi-` and 17 hexadecimal digits. */
  readonly instanceId: string;
  /** Fully qualified, as the agent reports it: WorkSpaces gives the bare name. */
  readonly computerName: string;
  /** The WorkSpace that its agent runs on; null: some other machine. */
  readonly workspaceId: string | null;
  readonly platform: 'Windows' | 'Linux';
  readonly registeredAt: number;
  /** Where its agent is: off when it was stopped or removed, whatever its machine does. */
  agent: 'running' | 'off' | 'inactive';
  /** When its agent was stopped; @default its registration */
  readonly lostAt?: number;
}

export const instances = (place: Place) =>
  place.world.store.table<Instance>(place.account, place.region, 'ssm.instances');

const UP: readonly State[] = ['AVAILABLE', 'IMPAIRED', 'UNHEALTHY', 'MAINTENANCE', 'ADMIN_MAINTENANCE'];

/** Whether its agent really runs at that instant and can take a command. */
export function isUp(place: Place, instance: Instance, at: number): boolean {
  if (instance.agent !== 'running' || at < instance.registeredAt) return false;
  if (instance.workspaceId === null) return true;
  const desktop = desktops(place).get(instance.workspaceId);
  if (!desktop) return false;
  if (advance(desktop, at)) desktops(place).touch();
  // The registration lies on the root volume, which a rebuild replaces.
  const replaced = desktop.rebuilds.some(({ from }) => from > instance.registeredAt && from <= at);
  if (replaced && !ssmSettingsOf(place).agentsSurviveRebuilds) return false;
  const state = viewAt(desktop, at)?.state;
  return state !== undefined && UP.includes(state);
}

/** What Systems Manager believes: an agent that went away is Online until it misses a ping. */
export function pingStatusOf(place: Place, instance: Instance, at: number): 'Online' | 'ConnectionLost' | 'Inactive' {
  if (instance.agent === 'inactive') return 'Inactive';
  return isUp(place, instance, at) || isUp(place, instance, at - PING_MS) ? 'Online' : 'ConnectionLost';
}

function lastPing(place: Place, instance: Instance, at: number): number {
  if (isUp(place, instance, at)) return at - (at % PING_MS);
  const desktop = instance.workspaceId === null ? undefined : desktops(place).get(instance.workspaceId);
  const stopped = instance.lostAt ?? (desktop && viewAt(desktop, at)?.since) ?? instance.registeredAt;
  return Math.max(instance.registeredAt, stopped - (stopped % PING_MS));
}

interface Input {
  readonly Filters?: readonly { readonly Key: string; readonly Values: readonly string[] }[];
  readonly InstanceInformationFilterList?: readonly { readonly key: string; readonly valueSet: readonly string[] }[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

type Fact = (call: Call, instance: Instance) => string | undefined;
const FACTS: Readonly<Record<string, Fact>> = {
  InstanceIds: (_call, { instanceId }) => instanceId,
  PingStatus: (call, instance) => pingStatusOf(call, instance, call.asOf),
  PlatformTypes: (_call, { platform }) => platform,
  ResourceType: () => 'ManagedInstance',
  AgentVersion: () => AGENT_VERSION,
  ActivationIds: () => ACTIVATION,
  IamRole: () => IAM_ROLE,
  AssociationStatus: () => 'Success',
  SourceTypes: () => 'AWS::SSM::ManagedInstance',
  SourceIds: (_call, { instanceId }) => instanceId,
};
const AGENT_VERSION = '3.3.1611.0';
const ACTIVATION = '11112222-3333-4444-a555-666677778888';
const IAM_ROLE = 'service-role/AmazonEC2RunCommandRoleForManagedInstances';

function fits(call: Call, instance: Instance, key: string, values: readonly string[]): boolean {
  // None of these instances has tags of its own.
  if (key === 'tag-key' || key.startsWith('tag:')) return false;
  const fact = FACTS[key];
  if (!fact) throw new AwsError('InvalidFilterKey', `The specified filter key ${key} is not valid.`);
  return values.includes(fact(call, instance) ?? '');
}

/** All of them, or where ids are asked for only those. */
function candidates(call: Call, filters: readonly { Key: string; Values: readonly string[] }[]): Instance[] {
  const ids = filters.find(({ Key }) => Key === 'InstanceIds')?.Values;
  if (!ids) return instances(call).values();
  return [...new Set(ids)].map((id) => instances(call).get(id)).filter((instance) => instance !== undefined);
}

const describeInstanceInformation: Operation = (input: Input, call) => {
  const { Filters, InstanceInformationFilterList: oldFilters, MaxResults, NextToken, ...rest } = input;
  if (Filters?.length && oldFilters?.length) {
    const message = 'Filters and InstanceInformationFilterList cannot be specified together.';
    throw new AwsError('ValidationException', message);
  }
  const filters = Filters ?? oldFilters?.map(({ key, valueSet }) => ({ Key: key, Values: valueSet })) ?? [];
  const malformed = filters
    .find(({ Key }) => Key === 'InstanceIds')
    ?.Values.find((id) => !/^m?i-[0-9a-f]{8,17}$/.test(id));
  if (malformed) throw new AwsError('InvalidInstanceId', `Instance ID ${malformed} is not valid.`);
  const found = paginate(
    {
      operation: 'DescribeInstanceInformation',
      items: candidates(call, filters)
        .filter(({ registeredAt }) => registeredAt <= call.asOf)
        .filter((instance) => filters.every(({ Key, Values }) => fits(call, instance, Key, Values))),
      idOf: ({ instanceId }) => instanceId,
      pageSize: MaxResults ?? 10,
      token: NextToken,
      parameters: { ...rest, filters },
      invalidToken: () => new AwsError('InvalidNextToken', 'The specified token is not valid.'),
    },
    call,
  );
  return { InstanceInformationList: found.items.map((one) => shown(one, call)), NextToken: found.nextToken };
};

function shown(instance: Instance, call: Call): object {
  const desktop = instance.workspaceId === null ? undefined : desktops(call).get(instance.workspaceId);
  const windows = instance.platform === 'Windows';
  return {
    InstanceId: instance.instanceId,
    PingStatus: pingStatusOf(call, instance, call.asOf),
    LastPingDateTime: new Date(lastPing(call, instance, call.asOf)),
    AgentVersion: AGENT_VERSION,
    IsLatestVersion: false,
    PlatformType: instance.platform,
    PlatformName: windows ? 'Microsoft Windows 10 Enterprise' : 'Ubuntu',
    PlatformVersion: windows ? '10.0.20348' : '22.04',
    ActivationId: ACTIVATION,
    IamRole: IAM_ROLE,
    RegistrationDate: new Date(instance.registeredAt),
    ResourceType: 'ManagedInstance',
    Name: 'workspaces',
    IPAddress: desktop && viewAt(desktop, call.asOf)?.ipAddress,
    ComputerName: instance.computerName,
    SourceId: instance.instanceId,
    SourceType: 'AWS::SSM::ManagedInstance',
  };
}

export const instanceOperations = { DescribeInstanceInformation: describeInstanceInformation };
