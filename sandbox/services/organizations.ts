/** AWS Organizations: which account is in which organization. It answers in us-east-1, whatever Region is asked for. */
import { paginate } from '../pagination.ts';
import { AwsError } from '../service.ts';
import type { Call, Operation, Service, World } from '../service.ts';

interface Member {
  readonly account: string;
  readonly organizationId: string;
  readonly managementAccount: string;
  readonly name: string;
  readonly joinedAt: number;
}

const members = (world: World) => world.store.table<Member>('*', '*', 'organizations.members');

const PER_PAGE = 20;

export interface Membership {
  readonly organizationId: string;
  readonly managementAccount: string;
  /** @default its number */
  readonly name?: string;
}

/** Lets an account be in an organization, and in no other. */
export function seedMembership(world: World, account: string, membership: Membership): void {
  members(world).set(account, { name: account, ...membership, account, joinedAt: world.clock.now() });
}

/** Undefined: it is in none. */
export const organizationIdOf = (world: World, account: string): string | undefined =>
  members(world).get(account)?.organizationId;

export const managementAccountOf = (world: World, account: string): string | undefined =>
  members(world).get(account)?.managementAccount;

function membershipOf({ world, account }: Call): Member {
  const member = members(world).get(account);
  if (member) return member;
  const message = 'Your account is not a member of an organization.';
  throw new AwsError('AWSOrganizationsNotInUseException', message);
}

/** What only the management account may ask: delegated administrators are not known here. */
function asManagement(call: Call): Member {
  const member = membershipOf(call);
  if (member.managementAccount === member.account) return member;
  throw new AwsError('AccessDeniedException', "You don't have permissions to access this resource.");
}

const mailOf = (account: string): string => `aws+${account}@example.com`;

const arnOf = ({ organizationId, managementAccount }: Member, kind: string, id: string): string =>
  `arn:aws:organizations::${managementAccount}:${kind}/${organizationId}${id === '' ? '' : `/${id}`}`;

const describeOrganization: Operation = (_input, call) => {
  const member = membershipOf(call);
  const { organizationId, managementAccount } = member;
  return {
    Organization: {
      Id: organizationId,
      Arn: arnOf(member, 'organization', ''),
      FeatureSet: 'ALL',
      MasterAccountId: managementAccount,
      MasterAccountArn: arnOf(member, 'account', managementAccount),
      MasterAccountEmail: mailOf(managementAccount),
      AvailablePolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }],
    },
  };
};

const shown = (member: Member): object => ({
  Id: member.account,
  Arn: arnOf(member, 'account', member.account),
  Email: mailOf(member.account),
  Name: member.name,
  Status: 'ACTIVE',
  State: 'ACTIVE',
  JoinedMethod: 'CREATED',
  JoinedTimestamp: new Date(member.joinedAt),
});

const describeAccount: Operation = ({ AccountId }: { AccountId: string }, call) => {
  const { organizationId } = asManagement(call);
  const member = members(call.world).get(AccountId);
  if (member?.organizationId === organizationId) return { Account: shown(member) };
  throw new AwsError('AccountNotFoundException', "You specified an account that doesn't exist.");
};

interface ListAccountsInput {
  readonly NextToken?: string;
  readonly MaxResults?: number;
}

const listAccounts: Operation = ({ NextToken, MaxResults = PER_PAGE }: ListAccountsInput, call) => {
  const { organizationId } = asManagement(call);
  const page = paginate(
    {
      operation: 'ListAccounts',
      items: members(call.world)
        .values()
        .filter((member) => member.organizationId === organizationId),
      idOf: ({ account }) => account,
      pageSize: MaxResults,
      token: NextToken,
      parameters: {},
      invalidToken: () => new AwsError('InvalidInputException', 'You specified an invalid value for nextToken.'),
    },
    call,
  );
  return { Accounts: page.items.map(shown), NextToken: page.nextToken };
};

export const organizations: Service = {
  signingName: 'organizations',
  operations: {
    DescribeAccount: describeAccount,
    DescribeOrganization: describeOrganization,
    ListAccounts: listAccounts,
  },
};
