/** Which other accounts may copy an image. */
import { AwsError } from '../../service.ts';
import type { Operation } from '../../service.ts';
import { ownImage } from './images.ts';
import { stateAt } from './lifetime.ts';
import { page } from './paging.ts';
import { images } from './rows.ts';

interface DescribeInput {
  readonly ImageId: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

const describeWorkspaceImagePermissions: Operation = (input: DescribeInput, call) => {
  const { imageId, sharedWith = [] } = ownImage(call, input.ImageId);
  const idOf = (account: string) => account;
  const found = page(call, 'DescribeWorkspaceImagePermissions', input, sharedWith, idOf, input.MaxResults);
  const ImagePermissions = found.items.map((SharedAccountId) => ({ SharedAccountId }));
  return { ImageId: imageId, ImagePermissions, NextToken: found.nextToken };
};

interface UpdateInput {
  readonly ImageId: string;
  readonly AllowCopyImage: boolean;
  readonly SharedAccountId: string;
}

const updateWorkspaceImagePermission: Operation = (input: UpdateInput, call) => {
  const image = ownImage(call, input.ImageId);
  if (stateAt(image, call.now) !== 'AVAILABLE') {
    const message = `The image ${image.imageId} is not available: ${stateAt(image, call.now)}.`;
    throw new AwsError('ResourceUnavailableException', message, 400, { ResourceId: image.imageId });
  }
  const others = (image.sharedWith ?? []).filter((account) => account !== input.SharedAccountId);
  const isShared = others.length !== (image.sharedWith ?? []).length;
  if (input.SharedAccountId === call.account || (!input.AllowCopyImage && !isShared)) {
    const message = `The image ${image.imageId} is not shared with the account ${input.SharedAccountId}.`;
    throw new AwsError('InvalidParameterValuesException', message);
  }
  image.sharedWith = input.AllowCopyImage ? [...others, input.SharedAccountId] : others;
  images(call).touch();
  return {};
};

export const imagePermissionOperations = {
  DescribeWorkspaceImagePermissions: describeWorkspaceImagePermissions,
  UpdateWorkspaceImagePermission: updateWorkspaceImagePermission,
};
