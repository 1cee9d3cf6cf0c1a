/** DescribeWorkspaceImages: no tags in it, and no sizes. */
import type { Operation } from '../../service.ts';
import { page } from './paging.ts';
import { images } from './rows.ts';
import type { Image } from './rows.ts';

function imageShown(image: Image): object {
  return {
    ImageId: image.imageId,
    Name: image.name,
    Description: image.description,
    OperatingSystem: { Type: image.operatingSystem },
    State: image.state,
    RequiredTenancy: image.byol ? 'DEDICATED' : 'DEFAULT',
    Created: new Date(image.createdAt),
    OwnerAccountId: image.owner,
    ...(image.error && { ErrorCode: image.error.code, ErrorMessage: image.error.message }),
  };
}

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
    .filter(({ createdAt }) => createdAt <= call.asOf)
    .filter(({ imageId }) => ids.size === 0 || ids.has(imageId))
    .filter(({ owner }) => !input.ImageType || (owner === call.account) === (input.ImageType === 'OWNED'));
  const found = page(call, 'DescribeWorkspaceImages', input, chosen, ({ imageId }) => imageId, input.MaxResults);
  return { Images: found.items.map(imageShown), NextToken: found.nextToken };
};

export const imageOperations = { DescribeWorkspaceImages: describeWorkspaceImages };
