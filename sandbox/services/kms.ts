/** AWS KMS: keys as other services see them. */
import { createHash } from 'node:crypto';
import { policyAllows } from '../resource-policy.ts';
import { AwsError } from '../service.ts';
import type { Call, Operation, Service, World } from '../service.ts';
import { organizationIdOf } from './organizations.ts';

export interface Key {
  readonly keyId: string;
  readonly arn: string;
  readonly account: string;
  /** With `alias/` in front. */
  readonly aliases: readonly string[];
  readonly manager: 'CUSTOMER' | 'AWS';
  readonly description: string;
  readonly createdAt: number;
  /** Its policy, JSON; that of a key of AWS's own lets nobody else in. */
  readonly policy: string;
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
}

type Place = Pick<Call, 'world' | 'account' | 'region'>;
const keys = (world: World, account: string, region: string) => world.store.table<Key>(account, region, 'kms.keys');

export interface KeySeed {
  readonly account: string;
  readonly region: string;
  readonly keyId: string;
  readonly aliases?: readonly string[];
  /** @default 'Enabled' */
  readonly state?: Key['state'];
  readonly description?: string;
  /** Accounts that the policy shares it with, beside its own. @default none */
  readonly sharedWith?: readonly string[];
}

/** What AWS says another account needs, so that a service can use a key for it. */
const SHARED_ACTIONS = ['kms:DescribeKey', 'kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'];
const GRANT_ACTIONS = ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant'];

/** Puts a customer's key into an account's Region. */
export function seedKey(world: World, seed: KeySeed): Key {
  const { account, region, keyId } = seed;
  const key: Key = {
    keyId,
    account,
    arn: `arn:aws:kms:${region}:${account}:key/${keyId}`,
    aliases: seed.aliases ?? [],
    manager: 'CUSTOMER',
    description: seed.description ?? '',
    createdAt: world.clock.now(),
    policy: policyFor(account, seed.sharedWith ?? []),
    state: seed.state ?? 'Enabled',
  };
  keys(world, account, region).set(keyId, key);
  return key;
}

function policyFor(owner: string, sharedWith: readonly string[]): string {
  const rootOf = (account: string): string => `arn:aws:iam::${account}:root`;
  const others = { Effect: 'Allow', Principal: { AWS: sharedWith.map(rootOf) }, Resource: '*' };
  const forServices = { Bool: { 'kms:GrantIsForAWSResource': 'true' } };
  const shared = [
    { Sid: 'Share', ...others, Action: SHARED_ACTIONS },
    { Sid: 'ShareGrants', ...others, Action: GRANT_ACTIONS, Condition: forServices },
  ];
  const own = { Sid: 'Own', Effect: 'Allow', Principal: { AWS: rootOf(owner) }, Action: 'kms:*', Resource: '*' };
  return JSON.stringify({ Version: '2012-10-17', Statement: [own, ...(sharedWith.length > 0 ? shared : [])] });
}

/** Whether the policy of a key lets an account do this; its own account may do anything. */
function keyAllows(world: World, key: Key, action: string, account: string): boolean {
  if (account === key.account) return true;
  if (key.manager === 'AWS') return false;
  const organization = organizationIdOf(world, account);
  const context = {
    'aws:PrincipalAccount': account,
    'kms:CallerAccount': account,
    'kms:GrantIsForAWSResource': 'true',
    ...(organization === undefined ? {} : { 'aws:PrincipalOrgID': organization }),
  };
  return policyAllows(key.policy, { action, account, context });
}

/** Whether a service may use a key on behalf of another account, as a copy of what it encrypts needs. */
export function mayUseForCopy(world: World, key: Key, account: string): boolean {
  return ['kms:DescribeKey', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:CreateGrant'].every((action) =>
    keyAllows(world, key, action, account),
  );
}

/** The key that an id, ARN, alias or alias ARN names; an error in AWS's words where it names none. */
export function findKey(place: Place, named: string): Key {
  const [, , service, region, account, resource] = named.startsWith('arn:') ? named.split(':') : [];
  if (service !== undefined && (service !== 'kms' || region !== place.region || !resource)) {
    throw new AwsError('NotFoundException', `Invalid arn ${region ?? named}`);
  }
  const owner = { ...place, account: account ?? place.account };
  const name = resource ?? named;
  return name.startsWith('alias/') ? keyOfAlias(owner, name) : keyOfId(owner, name.replace(/^key\//, ''));
}

function keyOfId({ world, account, region }: Place, keyId: string): Key {
  const key = keys(world, account, region).get(keyId);
  if (key) return key;
  const arn = `arn:aws:kms:${region}:${account}:key/${keyId}`;
  throw new AwsError('NotFoundException', `Key '${arn}' does not exist`);
}

function keyOfAlias(place: Place, alias: string): Key {
  const key = keys(place.world, place.account, place.region)
    .values()
    .find(({ aliases }) => aliases.includes(alias));
  if (key) return key;
  // An alias of AWS's own makes its key when it is first used.
  if (alias.startsWith('alias/aws/')) return makeAwsKey(place, alias);
  const arn = `arn:aws:kms:${place.region}:${place.account}:${alias}`;
  throw new AwsError('NotFoundException', `Alias ${arn} is not found.`);
}

function makeAwsKey({ world, account, region }: Place, alias: string): Key {
  const digest = createHash('sha256').update(`${account}/${region}/${alias}`).digest('hex');
  const keyId = digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  const key: Key = { ...seedKey(world, { account, region, keyId, aliases: [alias] }), manager: 'AWS' };
  keys(world, account, region).set(keyId, key);
  return key;
}

function refuse({ account }: Call, { arn }: Key, action: string): never {
  const who = `arn:aws:iam::${account}:user/sandbox`;
  const why = `because no resource-based policy allows the ${action} action`;
  const message = `User: ${who} is not authorized to perform: ${action} on resource: ${arn} ${why}`;
  throw new AwsError('AccessDeniedException', message);
}

const describeKey: Operation = ({ KeyId }: { KeyId: string }, call) => {
  const key = findKey(call, KeyId);
  if (!keyAllows(call.world, key, 'kms:DescribeKey', call.account)) refuse(call, key, 'kms:DescribeKey');
  return {
    KeyMetadata: {
      AWSAccountId: key.account,
      KeyId: key.keyId,
      Arn: key.arn,
      CreationDate: new Date(key.createdAt),
      Enabled: key.state === 'Enabled',
      Description: key.description,
      KeyUsage: 'ENCRYPT_DECRYPT',
      KeyState: key.state,
      Origin: 'AWS_KMS',
      KeyManager: key.manager,
      CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
      KeySpec: 'SYMMETRIC_DEFAULT',
      EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
      MultiRegion: false,
    },
  };
};

/** Only the key's own account may read its policy. */
const getKeyPolicy: Operation = ({ KeyId, PolicyName }: { KeyId: string; PolicyName?: string }, call) => {
  const key = findKey(call, KeyId);
  if (key.account !== call.account) refuse(call, key, 'kms:GetKeyPolicy');
  if ((PolicyName ?? 'default') !== 'default') throw new AwsError('NotFoundException', `No such policy exists`);
  return { Policy: key.policy, PolicyName: 'default' };
};

export const kms: Service = {
  signingName: 'kms',
  operations: { DescribeKey: describeKey, GetKeyPolicy: getKeyPolicy },
};
