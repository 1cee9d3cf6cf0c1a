/** Directories and Pools. */
import { AwsError } from '../../service.ts';
import type { Operation } from '../../service.ts';
import { page } from './paging.ts';
import { directories, pools } from './rows.ts';
import type { Directory, Pool } from './rows.ts';

function directoryShown(directory: Directory): object {
  const [first = '', second = ''] = directory.subnetIds;
  return {
    DirectoryId: directory.directoryId,
    Alias: directory.alias,
    DirectoryName: directory.name,
    WorkspaceDirectoryName: directory.name,
    RegistrationCode: `SLiad+${directory.directoryId.slice(-6).toUpperCase()}`,
    SubnetIds: [first, second],
    DirectoryType: 'AD_CONNECTOR',
    State: directory.state,
    Tenancy: 'SHARED',
    WorkspaceType: 'PERSONAL',
    UserIdentityType: 'AWS_DIRECTORY_SERVICE',
    SelfservicePermissions: {
      RestartWorkspace: 'ENABLED',
      IncreaseVolumeSize: 'DISABLED',
      ChangeComputeType: 'DISABLED',
      SwitchRunningMode: 'DISABLED',
      RebuildWorkspace: directory.usersMayRebuild ? 'ENABLED' : 'DISABLED',
    },
  };
}

interface Filter {
  readonly Name: string;
  readonly Values: readonly string[];
  readonly Operator?: 'EQUALS' | 'NOTEQUALS' | 'CONTAINS' | 'NOTCONTAINS';
}

interface DescribeDirectoriesInput {
  readonly DirectoryIds?: string[];
  readonly WorkspaceDirectoryNames?: string[];
  readonly Filters?: Filter[];
  readonly Limit?: number;
  readonly NextToken?: string;
}

// All directories here are of these.
const DIRECTORY_FILTERS: Readonly<Record<string, string>> = {
  USER_IDENTITY_TYPE: 'AWS_DIRECTORY_SERVICE',
  WORKSPACE_TYPE: 'PERSONAL',
};

const describeWorkspaceDirectories: Operation = (input: DescribeDirectoriesInput, call) => {
  const ids = new Set(input.DirectoryIds);
  const names = new Set(input.WorkspaceDirectoryNames);
  const chosen = directories(call)
    .values()
    .filter(({ directoryId, name }) => (!ids.size || ids.has(directoryId)) && (!names.size || names.has(name)))
    .filter(() => (input.Filters ?? []).every(({ Name, Values }) => Values.includes(DIRECTORY_FILTERS[Name] ?? '')));
  const idOf = ({ directoryId }: Directory) => directoryId;
  const found = page(call, 'DescribeWorkspaceDirectories', input, chosen, idOf, input.Limit);
  return { Directories: found.items.map(directoryShown), NextToken: found.nextToken };
};

function poolShown(pool: Pool, arn: string): object {
  return {
    PoolId: pool.poolId,
    PoolArn: arn,
    PoolName: pool.name,
    State: pool.state,
    CreatedAt: new Date(pool.createdAt),
    BundleId: pool.bundleId,
    DirectoryId: pool.directoryId,
    RunningMode: 'AUTO_STOP',
    CapacityStatus: {
      AvailableUserSessions: 1,
      DesiredUserSessions: 1,
      ActualUserSessions: 1,
      ActiveUserSessions: 0,
    },
  };
}

function fits(pool: Pool, { Values, Operator }: Filter): boolean {
  switch (Operator ?? 'EQUALS') {
    case 'EQUALS':
      return Values.includes(pool.name);
    case 'NOTEQUALS':
      return !Values.includes(pool.name);
    case 'CONTAINS':
      return Values.some((value) => pool.name.includes(value));
    case 'NOTCONTAINS':
      return !Values.some((value) => pool.name.includes(value));
  }
}

interface DescribePoolsInput {
  readonly PoolIds?: string[];
  readonly Filters?: Filter[];
  readonly Limit?: number;
  readonly NextToken?: string;
}

const describeWorkspacesPools: Operation = (input: DescribePoolsInput, call) => {
  const unknown = input.PoolIds?.find((id) => !pools(call).get(id));
  if (unknown) {
    const message = `The pool ${unknown} could not be found.`;
    throw new AwsError('ResourceNotFoundException', message, 400, { ResourceId: unknown });
  }
  const ids = new Set(input.PoolIds);
  const chosen = pools(call)
    .values()
    .filter(({ poolId }) => !ids.size || ids.has(poolId))
    .filter((pool) => (input.Filters ?? []).every((filter) => fits(pool, filter)));
  const found = page(call, 'DescribeWorkspacesPools', input, chosen, ({ poolId }) => poolId, input.Limit);
  const arn = (id: string) => `arn:aws:workspaces:${call.region}:${call.account}:workspacespool/${id}`;
  return { WorkspacesPools: found.items.map((pool) => poolShown(pool, arn(pool.poolId))), NextToken: found.nextToken };
};

export const directoryOperations = {
  DescribeWorkspaceDirectories: describeWorkspaceDirectories,
  DescribeWorkspacesPools: describeWorkspacesPools,
};
