/** Volumes: those that restores made, and those that tests put there. */
import { paginate } from '../../pagination.ts';
import type { Random } from '../../random.ts';
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import type { Table } from '../../store.ts';
import { fitsFilters } from './filters.ts';
import type { Filter } from './filters.ts';

type Place = Pick<Call, 'world' | 'account' | 'region'>;

interface Volume {
  readonly id: string;
  readonly createdAt: number;
  /** It is `creating` until then. */
  readonly availableAt: number;
  readonly sizeGib: number;
  readonly snapshotId: string;
  readonly zone: string;
  readonly type: string;
  /** Null: it is not encrypted. */
  readonly keyArn: string | null;
  readonly tags: Readonly<Record<string, string>>;
  attachedTo: string | null;
  /** It is `deleting` until then, and then gone; null: nobody deletes it. */
  goneAt: number | null;
}

const volumes = ({ world, account, region }: Place): Table<Volume> => world.store.table(account, region, 'ec2.volumes');

const DELETING_SECONDS = [5, 120] as const;
const MOST_PER_PAGE = 1000;

export type RestoredVolume = Pick<Volume, 'availableAt' | 'sizeGib' | 'snapshotId' | 'zone' | 'type' | 'keyArn'> &
  Partial<Pick<Volume, 'tags'>>;

/** Makes a volume of a snapshot; the answer is its id. */
export function putRestoredVolume(place: Place, random: Random, volume: RestoredVolume): string {
  const id = `vol-0${random.hex(16)}`;
  const createdAt = place.world.clock.now();
  volumes(place).set(id, { tags: {}, ...volume, id, createdAt, attachedTo: null, goneAt: null });
  return id;
}

/** Attaches a volume to an instance, as somebody could who uses what was restored. */
export function attachVolume(place: Place, id: string, instanceId: string | null): void {
  const volume = volumes(place).get(id);
  if (!volume) throw new Error(`there is no volume ${id} in ${place.account}/${place.region}`);
  volume.attachedTo = instanceId;
  volumes(place).touch();
}

/** Undefined: it is not there. */
function stateAt(volume: Volume, at: number): string | undefined {
  if (at < volume.createdAt || (volume.goneAt !== null && at >= volume.goneAt)) return undefined;
  if (volume.goneAt !== null) return 'deleting';
  if (at < volume.availableAt) return 'creating';
  return volume.attachedTo === null ? 'available' : 'in-use';
}

function volumeOf(place: Place, id: string, at: number): Volume {
  if (!/^vol-[0-9a-f]{8,17}$/.test(id)) {
    throw new AwsError('InvalidVolumeID.Malformed', `Value (${id}) for parameter volumeId is invalid.`);
  }
  const volume = volumes(place).get(id);
  if (volume && stateAt(volume, at) !== undefined) return volume;
  throw new AwsError('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);
}

interface DescribeVolumesInput {
  readonly VolumeIds?: readonly string[];
  readonly Filters?: readonly Filter[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

const describeVolumes: Operation = (input: DescribeVolumesInput, call) => {
  const { VolumeIds, MaxResults, NextToken, ...filters } = input;
  if (MaxResults !== undefined && MaxResults < 5) {
    const message = `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value greater than 5.`;
    throw new AwsError('InvalidParameterValue', message);
  }
  const asked = VolumeIds?.map((id) => volumeOf(call, id, call.asOf)) ?? volumes(call).values();
  const page = paginate(
    {
      operation: 'DescribeVolumes',
      items: asked.filter((volume) => isAsked(volume, input.Filters ?? [], call.asOf)),
      idOf: ({ id }) => id,
      pageSize: MaxResults ?? MOST_PER_PAGE,
      token: NextToken,
      parameters: filters,
      invalidToken: () => new AwsError('InvalidParameterValue', 'Unable to parse pagination token'),
    },
    call,
  );
  return { Volumes: page.items.map((volume) => shown(volume, call)), NextToken: page.nextToken };
};

function isAsked(volume: Volume, filters: readonly Filter[], at: number): boolean {
  const state = stateAt(volume, at);
  if (state === undefined) return false;
  const values = {
    'volume-id': volume.id,
    'snapshot-id': volume.snapshotId,
    'availability-zone': volume.zone,
    status: state,
  };
  return fitsFilters(filters, values, volume.tags);
}

const shown = (volume: Volume, { asOf }: Call): object => ({
  VolumeId: volume.id,
  Size: volume.sizeGib,
  SnapshotId: volume.snapshotId,
  AvailabilityZone: volume.zone,
  State: stateAt(volume, asOf),
  CreateTime: new Date(volume.createdAt),
  Attachments: attachmentsOf(volume),
  VolumeType: volume.type,
  Encrypted: volume.keyArn !== null,
  KmsKeyId: volume.keyArn ?? undefined,
  MultiAttachEnabled: false,
  Tags: Object.entries(volume.tags).map(([Key, Value]) => ({ Key, Value })),
});

function attachmentsOf({ id, attachedTo, availableAt }: Volume): object[] {
  if (attachedTo === null) return [];
  return [{ VolumeId: id, InstanceId: attachedTo, State: 'attached', AttachTime: new Date(availableAt) }];
}

const deleteVolume: Operation = ({ VolumeId }: { VolumeId: string }, call) => {
  const volume = volumeOf(call, VolumeId, call.now);
  const state = stateAt(volume, call.now);
  if (volume.attachedTo !== null) {
    throw new AwsError('VolumeInUse', `Volume ${VolumeId} is currently attached to ${volume.attachedTo}`);
  }
  if (state === 'creating') throw new AwsError('IncorrectState', `The volume '${VolumeId}' is 'creating'`);
  const seconds = call.world.random(`ec2/delete/${VolumeId}`).between(...DELETING_SECONDS);
  volume.goneAt ??= call.now + Math.round(seconds * 1000);
  volumes(call).touch();
  return {};
};

export const volumeOperations: Readonly<Record<string, Operation>> = {
  DeleteVolume: deleteVolume,
  DescribeVolumes: describeVolumes,
};
