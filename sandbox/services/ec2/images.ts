/** Images of instances. All are recovery points of AWS Backup's: there are no others here. */
import { paginate } from '../../pagination.ts';
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import { statusAt } from '../backup/point-state.ts';
import { points } from '../backup/rows.ts';
import type { Point } from '../backup/rows.ts';
import { fitsFilters } from './filters.ts';
import type { Filter } from './filters.ts';
import { snapshotsOfImage } from './lock-rows.ts';

const MOST_PER_PAGE = 1000;
const DEVICES = ['/dev/xvda', '/dev/sdf'];
const GIB = 2 ** 30;

interface DescribeImagesInput {
  readonly ImageIds?: readonly string[];
  readonly Filters?: readonly Filter[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

const describeImages: Operation = (input: DescribeImagesInput, call) => {
  const { ImageIds, Filters = [], MaxResults, NextToken } = input;
  const asked = ImageIds?.map((id) => imageOf(id, call)) ?? points(call).all.filter((point) => isImage(point, call));
  const page = paginate(
    {
      operation: 'DescribeImages',
      items: asked.filter((point) => fitsFilters(Filters, { 'image-id': idOf(point) }, point.tags)),
      idOf,
      pageSize: MaxResults ?? MOST_PER_PAGE,
      token: NextToken,
      parameters: { ImageIds, Filters },
      invalidToken: () => new AwsError('InvalidParameterValue', 'Unable to parse pagination token'),
    },
    call,
  );
  return { Images: page.items.map((point) => shown(point, call)), NextToken: page.nextToken };
};

const idOf = ({ arn }: Point): string => arn.split('/').at(-1) ?? '';

const isImage = (point: Point, call: Call): boolean =>
  point.arn.startsWith(`arn:aws:ec2:${call.region}::image/`) && statusAt(call, point, call.asOf) !== undefined;

function imageOf(id: string, call: Call): Point {
  if (!/^ami-[0-9a-f]{8,17}$/.test(id)) {
    throw new AwsError('InvalidAMIID.Malformed', `Invalid id: "${id}"`);
  }
  const point = points(call).get(`arn:aws:ec2:${call.region}::image/${id}`);
  if (point && isImage(point, call)) return point;
  throw new AwsError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
}

function shown(point: Point, call: Call): object {
  const id = idOf(point);
  const snapshots = snapshotsOfImage(call, id);
  return {
    ImageId: id,
    OwnerId: call.account,
    State: 'available',
    ImageType: 'machine',
    RootDeviceType: 'ebs',
    RootDeviceName: DEVICES[0],
    CreationDate: new Date(point.createdAt).toISOString(),
    BlockDeviceMappings: snapshots.map((SnapshotId, index) => ({
      DeviceName: DEVICES[index],
      Ebs: {
        SnapshotId,
        VolumeSize: Math.max(1, Math.ceil(point.sizeBytes / GIB / snapshots.length)),
        VolumeType: 'gp3',
        DeleteOnTermination: index === 0,
        Encrypted: point.keyArn !== null,
      },
    })),
    Tags: Object.entries(point.tags).map(([Key, Value]) => ({ Key, Value })),
  };
}

export const imageOperations: Readonly<Record<string, Operation>> = { DescribeImages: describeImages };
