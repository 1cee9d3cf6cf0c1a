/** DescribeWorkspaceImages, which shows neither tags nor sizes, and DeleteWorkspaceImage. */
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import { isThere, stateAt } from './lifetime.ts';
import { page } from './paging.ts';
import { bundles, images } from './rows.ts';
import type { Image, Place } from './rows.ts';
import { settingsOf } from './settings.ts';

export function imageShown(image: Image, at: number): object {
  const state = stateAt(image, at);
  return {
    ImageId: image.imageId,
    Name: image.name,
    Description: image.description,
    OperatingSystem: { Type: image.operatingSystem },
    State: state,
    RequiredTenancy: image.byol ? 'DEDICATED' : 'DEFAULT',
    Created: new Date(image.createdAt),
    OwnerAccountId: image.owner,
    ...(state === 'ERROR' && errorShown(image)),
  };
}

function errorShown({ error }: Image): object {
  return {
    ErrorCode: error?.code,
    ErrorMessage: error?.message,
    ErrorDetails: error?.details?.map(({ code, message }) => ({ ErrorCode: code, ErrorMessage: message })),
  };
}

/** The images that count against the account's quota, those in ERROR among them. */
export const ownImages = ({ world, account, region }: Place): Image[] =>
  images({ world, account, region })
    .values()
    .filter((image) => image.owner === account && isThere(image, world.clock.now()));

/** The image of that id, where it is the account's own. */
export function ownImage(call: Call, id: string): Image {
  const image = images(call).get(id);
  if (!image || !isThere(image, call.now)) throw imageNotFound(id);
  if (image.owner !== call.account) {
    throw new AwsError('AccessDeniedException', `The image ${id} belongs to the account ${image.owner}.`);
  }
  return image;
}

const imageNotFound = (id: string): AwsError =>
  new AwsError('ResourceNotFoundException', `The image ${id} could not be found.`, 400, { ResourceId: id });

interface DescribeWorkspaceImagesInput {
  readonly ImageIds?: string[];
  readonly ImageType?: 'OWNED' | 'SHARED';
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

const describeWorkspaceImages: Operation = (input: DescribeWorkspaceImagesInput, call) => {
  const ids = new Set(input.ImageIds);
  const chosen = images(call)
    .values()
    .filter((image) => isThere(image, call.asOf))
    .filter(({ imageId }) => ids.size === 0 || ids.has(imageId))
    .filter(({ owner }) => !input.ImageType || (owner === call.account) === (input.ImageType === 'OWNED'));
  const found = page(call, 'DescribeWorkspaceImages', input, chosen, ({ imageId }) => imageId, input.MaxResults);
  return { Images: found.items.map((image) => imageShown(image, call.asOf)), NextToken: found.nextToken };
};

const deleteWorkspaceImage: Operation = ({ ImageId }: { ImageId: string }, call) => {
  const present = images(call).get(ImageId);
  if (!present || !isThere(present, call.now)) return unknownDeleted(call, ImageId);
  const image = ownImage(call, ImageId);
  if (stateAt(image, call.now) === 'PENDING') {
    throw new AwsError('InvalidResourceStateException', `The image ${ImageId} is PENDING.`);
  }
  checkUnused(call, image);
  image.deletedAt = call.now;
  images(call).touch();
  return {};
};

function unknownDeleted(call: Call, id: string): object {
  const { unknownImageDeletion: outcome } = settingsOf(call);
  if (outcome === 'accepted') return {};
  if (outcome === 'ResourceNotFoundException') throw imageNotFound(id);
  throw new AwsError(outcome, `The image ${id} could not be found.`);
}

function checkUnused(call: Call, { imageId, sharedWith = [] }: Image): void {
  const carrier = bundles(call)
    .values()
    .find((bundle) => isThere(bundle, call.now) && bundle.images.at(-1)?.imageId === imageId);
  if (carrier) {
    const message = `The image ${imageId} is used by the bundle ${carrier.bundleId}.`;
    throw new AwsError('ResourceAssociatedException', message);
  }
  if (sharedWith.length > 0) {
    const message = `The image ${imageId} is shared with ${sharedWith.join(', ')}.`;
    throw new AwsError('ResourceAssociatedException', message);
  }
}

export const imageOperations = {
  DescribeWorkspaceImages: describeWorkspaceImages,
  DeleteWorkspaceImage: deleteWorkspaceImage,
};
