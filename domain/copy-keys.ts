/**
 * What the keys of both sides must allow for a copy. The messages of AWS name a key at best, and not always the one that
 * is meant. https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html#copy-encryption
 */
import { capabilityOf } from './backup-types.ts';
import type { KeyFacts, RouteCheck } from './copy-route.ts';
import type { Obstacle } from './custody.ts';
import { answerOf, type Caller } from './resource-policy.ts';

export const keyObstacles = (check: RouteCheck): Obstacle[] =>
  [...sourceKeyObstacles(check), ...destinationKeyObstacles(check)].filter((each) => each !== null);

/** What is encrypted by its vault's key, AWS Backup decrypts and encrypts itself: no other account needs the source's key. */
const isFullyManaged = ({ facts }: RouteCheck): boolean => capabilityOf(facts)?.fullyManaged.value === 'yes';
const isForeign = ({ facts, to }: RouteCheck): boolean => facts.ref.account !== to.account;

function sourceKeyObstacles(check: RouteCheck): (Obstacle | null)[] {
  const { facts, to, route } = check;
  const { sourceKey: key } = route;
  if (key === 'notReadable' || key === null) return [];
  const whose = `the key ${key.arn} of the recovery point`;
  const unusable = stateObstacle(key, whose);
  if (unusable) return [unusable];
  if (isFullyManaged(check)) return [];
  if (isForeign(check) && key.manager === 'AWS') return [managedSource(check, key)];
  const own = policyObstacle(key, whose, ownerOf(facts.ref.account, route.backupRoleArn), READS);
  const other = policyObstacle(key, whose, ownerOf(to.account, serviceRoleArn(to.account)), READS);
  return isForeign(check) ? [own, other] : [own];
}

const managedSource = ({ facts, to }: RouteCheck, key: KeyFacts): Obstacle => ({
  code: 'key',
  message:
    `the recovery point of the type ${facts.resourceType} is encrypted with the AWS-managed key ${key.arn}, which no other ` +
    `account can use: ${to.account} cannot be given a copy`,
  remedy:
    `encrypt ${facts.resourceArn} with a customer-managed key whose policy has the statements shown, and have a new recovery ` +
    'point made: this one stays as it is',
  statement: missingStatements(READS, to.account),
});

function destinationKeyObstacles(check: RouteCheck): (Obstacle | null)[] {
  const { facts, to, route } = check;
  const { destinationKey: key } = route;
  if (key === 'notReadable' || key === null) return [];
  const whose = `the key ${key.arn} of the vault ${to.vault} in ${to.account}/${to.region}`;
  const unusable = stateObstacle(key, whose);
  if (unusable) return [unusable];
  if (isForeign(check) && key.manager === 'AWS' && !isFullyManaged(check) && facts.isEncrypted) {
    const message = `${whose} is AWS-managed: encrypted copies of the type ${facts.resourceType} from another account need a customer-managed one`;
    const remedy = `make a vault with a customer-managed key in ${to.account}/${to.region}, and name it in the rule: a vault keeps its key`;
    return [{ code: 'key', message, remedy, statement: null }];
  }
  return [policyObstacle(key, whose, ownerOf(to.account, serviceRoleArn(to.account)), WRITES)];
}

function stateObstacle(key: KeyFacts, whose: string): Obstacle | null {
  if (key.state === 'Enabled') return null;
  const remedy =
    key.state === 'PendingDeletion'
      ? 'cancel its deletion and enable it (kms:CancelKeyDeletion, kms:EnableKey)'
      : 'enable it (kms:EnableKey)';
  return { code: 'key', message: `${whose} is ${key.state}`, remedy, statement: null };
}

/** The role by which AWS Backup makes copies in their destination. */
const serviceRoleArn = (account: string): string =>
  `arn:aws:iam::${account}:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup`;

const ownerOf = (account: string, ...roleArns: string[]): Caller => ({ account, roleArns, organization: null });

const READS = ['kms:DescribeKey', 'kms:Decrypt', 'kms:CreateGrant'];
const WRITES = [...READS, 'kms:GenerateDataKey'];

/** The key of an AWS service cannot be changed, and does what its own account needs. */
function policyObstacle(key: KeyFacts, whose: string, caller: Caller, actions: readonly string[]): Obstacle | null {
  const { policy } = key;
  const { account } = caller;
  if (key.manager === 'AWS' || policy === 'notReadable') return null;
  const denied = actions.filter((action) => answerOf(policy, { action, resourceArn: key.arn, caller }) === 'denied');
  if (denied.length === 0) return null;
  return {
    code: 'key',
    message: `the policy of ${whose} does not let ${account} (role ${caller.roleArns.join(', ')}) use it: ${denied.join(', ')}`,
    remedy: 'add the statements to the key’s policy (kms:PutKeyPolicy), and take away what denies these actions there',
    statement: missingStatements(denied, account),
  };
}

/** Grants only for services of AWS, as AWS Backup asks for them. */
function missingStatements(actions: readonly string[], account: string): string {
  const Principal = { AWS: `arn:aws:iam::${account}:root` };
  const uses = actions.filter((each) => each !== 'kms:CreateGrant');
  const use = { Effect: 'Allow', Principal, Action: uses, Resource: '*' };
  const Condition = { Bool: { 'kms:GrantIsForAWSResource': 'true' } };
  const grant = { Effect: 'Allow', Principal, Action: 'kms:CreateGrant', Resource: '*', Condition };
  const missing = [...(uses.length > 0 ? [use] : []), ...(actions.includes('kms:CreateGrant') ? [grant] : [])];
  return JSON.stringify(missing.length === 1 ? missing[0] : missing);
}
