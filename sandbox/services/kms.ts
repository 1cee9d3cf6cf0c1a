/** AWS KMS: keys as other services see them. */
import { createHash } from 'node:crypto';
import { AwsError } from '../service.ts';
import type { Call, Operation, Service, World } from '../service.ts';

export interface Key {
  readonly keyId: string;
  readonly arn: string;
  readonly account: string;
  /** With `alias/` in front. */
  readonly aliases: readonly string[];
  readonly manager: 'CUSTOMER' | 'AWS';
  readonly description: string;
  readonly createdAt: number;
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
}

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
    state: seed.state ?? 'Enabled',
  };
  keys(world, account, region).set(keyId, key);
  return key;
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

const describeKey: Operation = ({ KeyId }: { KeyId: string }, call) => {
  const key = findKey(call, KeyId);
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

export const kms: Service = { signingName: 'kms', operations: { DescribeKey: describeKey } };
