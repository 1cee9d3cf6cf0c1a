/** Amazon RDS: instances that were restored. */
import { paginate } from '../pagination.ts';
import { AwsError } from '../service.ts';
import type { Call, Operation, Service } from '../service.ts';
import type { Table } from '../store.ts';

type Place = Pick<Call, 'world' | 'account' | 'region'>;

interface Instance {
  readonly name: string;
  readonly createdAt: number;
  /** It is `creating` until then. */
  readonly availableAt: number;
  readonly sizeGib: number;
  readonly engine: string;
  readonly instanceClass: string;
  readonly subnetGroup: string;
  readonly publiclyAccessible: boolean;
  readonly deletionProtection: boolean;
  /** Null: it is not encrypted. */
  readonly keyArn: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** It is `deleting` until then, and then gone; null: nobody deletes it. */
  goneAt: number | null;
}

const instances = ({ world, account, region }: Place): Table<Instance> =>
  world.store.table(account, region, 'rds.instances');

const DELETING_MINUTES = [3, 10] as const;
const PER_PAGE = 100;

export type RestoredInstance = Omit<Instance, 'createdAt' | 'goneAt' | 'tags'> & Partial<Pick<Instance, 'tags'>>;

export const arnOfInstance = ({ account, region }: Omit<Place, 'world'>, name: string): string =>
  `arn:aws:rds:${region}:${account}:db:${name}`;

/** Makes an instance of a snapshot; the answer is its ARN. */
export function putRestoredInstance(place: Place, instance: RestoredInstance): string {
  const name = instance.name.toLowerCase();
  instances(place).set(name, { tags: {}, ...instance, name, createdAt: place.world.clock.now(), goneAt: null });
  return arnOfInstance(place, name);
}

/** Undefined: it is not there. */
function statusAt(instance: Instance, at: number): string | undefined {
  if (at < instance.createdAt || (instance.goneAt !== null && at >= instance.goneAt)) return undefined;
  if (instance.goneAt !== null) return 'deleting';
  return at < instance.availableAt ? 'creating' : 'available';
}

/** Undefined: there is none of that name. */
export function instanceAt(place: Place, name: string, at: number): Instance | undefined {
  const instance = instances(place).get(name.toLowerCase());
  return instance && statusAt(instance, at) !== undefined ? instance : undefined;
}

const notFound = (name: string): AwsError => new AwsError('DBInstanceNotFound', `DBInstance ${name} not found.`, 404);

interface DescribeDBInstancesInput {
  readonly DBInstanceIdentifier?: string;
  readonly MaxRecords?: number;
  readonly Marker?: string;
}

const describeInstances: Operation = ({ DBInstanceIdentifier: named, ...input }: DescribeDBInstancesInput, call) => {
  const { MaxRecords = PER_PAGE, Marker } = input;
  if (MaxRecords < 20 || MaxRecords > PER_PAGE) {
    throw new AwsError(
      'InvalidParameterValue',
      `Invalid value ${MaxRecords} for MaxRecords. Must be between 20 and 100`,
    );
  }
  const name = named?.split(':').at(-1);
  const one = name === undefined ? undefined : instanceAt(call, name, call.asOf);
  if (name !== undefined && !one) throw notFound(name);
  const all = instances(call)
    .values()
    .filter((each) => statusAt(each, call.asOf) !== undefined);
  const page = paginate(
    {
      operation: 'DescribeDBInstances',
      items: one ? [one] : all,
      idOf: (each) => each.name,
      pageSize: MaxRecords,
      token: Marker,
      parameters: {},
      invalidToken: () => new AwsError('InvalidParameterValue', `The parameter Marker is invalid.`),
    },
    call,
  );
  return { DBInstances: page.items.map((each) => shown(each, call)), Marker: page.nextToken };
};

function shown(instance: Instance, call: Call): object {
  const status = statusAt(instance, call.asOf);
  const address = `${instance.name}.sandbox.${call.region}.rds.amazonaws.com`;
  return {
    DBInstanceIdentifier: instance.name,
    DBInstanceArn: arnOfInstance(call, instance.name),
    DBInstanceStatus: status,
    DBInstanceClass: instance.instanceClass,
    Engine: instance.engine,
    AllocatedStorage: instance.sizeGib,
    InstanceCreateTime: new Date(instance.createdAt),
    // An instance has no address before it can be used.
    Endpoint: status === 'creating' ? undefined : { Address: address, Port: 5432 },
    DBSubnetGroup: { DBSubnetGroupName: instance.subnetGroup },
    PubliclyAccessible: instance.publiclyAccessible,
    StorageEncrypted: instance.keyArn !== null,
    KmsKeyId: instance.keyArn ?? undefined,
    DeletionProtection: instance.deletionProtection,
    TagList: tagsShown(instance),
  };
}

const tagsShown = ({ tags }: Instance): object[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

interface DeleteDBInstanceInput {
  readonly DBInstanceIdentifier: string;
  readonly SkipFinalSnapshot?: boolean;
  readonly FinalDBSnapshotIdentifier?: string;
}

const deleteInstance: Operation = (input: DeleteDBInstanceInput, call) => {
  const { DBInstanceIdentifier: name, SkipFinalSnapshot, FinalDBSnapshotIdentifier } = input;
  const instance = instanceAt(call, name, call.now);
  if (!instance) throw notFound(name);
  if (!SkipFinalSnapshot && FinalDBSnapshotIdentifier === undefined) {
    const message = 'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.';
    throw new AwsError('InvalidParameterCombination', message);
  }
  if (instance.deletionProtection) {
    const message = 'Cannot delete protected DB Instance, please disable deletion protection and try again.';
    throw new AwsError('InvalidParameterCombination', message);
  }
  const status = statusAt(instance, call.now);
  if (status !== 'available') {
    throw new AwsError('InvalidDBInstanceState', `Instance ${name} is ${status ?? 'gone'}, not available.`);
  }
  const minutes = call.world.random(`rds/delete/${name}/${instance.createdAt}`).between(...DELETING_MINUTES);
  instance.goneAt = call.now + Math.round(minutes * 60_000);
  instances(call).touch();
  return { DBInstance: shown(instance, { ...call, asOf: call.now }) };
};

const listTags: Operation = ({ ResourceName }: { ResourceName: string }, call) => {
  const [, , service, region, account, kind, name = ''] = ResourceName.split(':');
  if (service !== 'rds' || region !== call.region || account !== call.account || kind !== 'db') {
    throw new AwsError('InvalidParameterValue', `Invalid resource name: ${ResourceName}`);
  }
  const instance = instanceAt(call, name, call.asOf);
  if (!instance) throw notFound(name);
  return { TagList: tagsShown(instance) };
};

export const rds: Service = {
  signingName: 'rds',
  operations: {
    DeleteDBInstance: deleteInstance,
    DescribeDBInstances: describeInstances,
    ListTagsForResource: listTags,
  },
};
