/** AWS Directory Service: the stage of the directories that WorkSpaces are registered with. */
import { AwsError } from '../service.ts';
import type { Operation, Service } from '../service.ts';
import { paginate } from '../pagination.ts';
import { directories } from './workspaces/rows.ts';
import type { Directory } from './workspaces/rows.ts';

const PER_PAGE = 100;

const shown = ({ directoryId, name, alias, createdAt, stage = 'Active', subnetIds }: Directory): object => ({
  DirectoryId: directoryId,
  Name: name,
  Alias: alias,
  Size: 'Small',
  Type: 'ADConnector',
  Stage: stage,
  LaunchTime: new Date(createdAt),
  StageLastUpdatedDateTime: new Date(createdAt),
  ConnectSettings: { SubnetIds: subnetIds },
});

interface Asked {
  readonly DirectoryIds?: readonly string[];
  readonly Limit?: number;
  readonly NextToken?: string;
}

const describeDirectories: Operation = ({ DirectoryIds, Limit, NextToken: token }: Asked, call) => {
  const known = directories(call);
  const unknown = DirectoryIds?.find((id) => !known.get(id));
  if (unknown !== undefined) {
    throw new AwsError('EntityDoesNotExistException', `Directory ${unknown} does not exist.`, 400, {
      RequestId: call.requestId,
    });
  }
  const found = paginate(
    {
      operation: 'DescribeDirectories',
      items: known.values().filter(({ directoryId }) => !DirectoryIds || DirectoryIds.includes(directoryId)),
      idOf: ({ directoryId }) => directoryId,
      pageSize: Limit ?? PER_PAGE,
      token,
      parameters: { DirectoryIds },
      invalidToken: () => new AwsError('InvalidNextTokenException', 'The NextToken value is not valid.'),
    },
    call,
  );
  return { DirectoryDescriptions: found.items.map(shown), NextToken: found.nextToken };
};

export const directoryService: Service = {
  signingName: 'ds',
  operations: { DescribeDirectories: describeDirectories },
};
