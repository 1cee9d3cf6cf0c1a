/** Bundles: what they carry, and UpdateWorkspaceBundle, which only a rebuild brings to a WorkSpace. */
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import { isThere, stateAt } from './lifetime.ts';
import { page } from './paging.ts';
import { bundles, images } from './rows.ts';
import type { Bundle, Image, Place } from './rows.ts';

/** The image that a bundle carries at that instant. */
export function imageOf(bundle: Bundle, at: number): string | undefined {
  return bundle.images.findLast((change) => change.at <= at)?.imageId;
}

export function bundleShown(bundle: Bundle, asOf: number): object {
  const change = bundle.images.findLast(({ at }) => at <= asOf);
  return {
    BundleId: bundle.bundleId,
    Name: bundle.name,
    Description: bundle.description,
    Owner: bundle.owner,
    ImageId: change?.imageId,
    // Volume sizes of a bundle are strings in this API.
    RootStorage: { Capacity: String(bundle.rootVolumeGib) },
    UserStorage: { Capacity: String(bundle.userVolumeGib) },
    ComputeType: { Name: bundle.computeType },
    CreationTime: new Date(bundle.createdAt),
    LastUpdatedTime: new Date(change?.at ?? bundle.createdAt),
    State: stateAt(bundle, asOf),
    BundleType: 'REGULAR',
  };
}

const describeWorkspaceBundles: Operation = (
  input: { BundleIds?: string[]; Owner?: string; NextToken?: string },
  call,
) => {
  if (input.BundleIds?.length && input.Owner) {
    throw new AwsError('InvalidParameterValuesException', 'BundleIds and Owner cannot be specified together.');
  }
  const visible = bundles(call)
    .values()
    .filter(({ owner }) => owner === call.account || owner === 'AMAZON')
    .filter((bundle) => isThere(bundle, call.asOf));
  const ids = new Set(input.BundleIds);
  const chosen = visible.filter(({ bundleId, owner }) =>
    ids.size > 0 ? ids.has(bundleId) : owner === (input.Owner ?? call.account),
  );
  const found = page(call, 'DescribeWorkspaceBundles', input, chosen, ({ bundleId }) => bundleId);
  return { Bundles: found.items.map((bundle) => bundleShown(bundle, call.asOf)), NextToken: found.nextToken };
};

const updateWorkspaceBundle: Operation = (input: { BundleId?: string; ImageId?: string }, call) => {
  if (!input.BundleId || !input.ImageId) {
    throw new AwsError('InvalidParameterValuesException', 'BundleId and ImageId must be specified.');
  }
  const bundle = ownBundle(call, input.BundleId);
  const image = usableImage(call, input.ImageId);
  checkFit(bundle, image, call);
  bundle.images.push({ at: call.now, imageId: image.imageId });
  bundles(call).touch();
  return {};
};

function ownBundle(call: Call, id: string): Bundle {
  const bundle = bundleNow(call, id);
  if (bundle?.owner === 'AMAZON') {
    throw new AwsError('OperationNotSupportedException', `The bundle ${id} is provided by AWS and cannot be updated.`);
  }
  if (bundle?.owner !== call.account) throw notFound('bundle', id);
  checkAvailable(call, 'bundle', id, bundle);
  return bundle;
}

/** A bundle of the account's own or of AWS's that WorkSpaces can be made of now. */
export function usableBundle(call: Call, id: string): Bundle {
  const bundle = bundleNow(call, id);
  if (!bundle || (bundle.owner !== call.account && bundle.owner !== 'AMAZON')) throw notFound('bundle', id);
  checkAvailable(call, 'bundle', id, bundle);
  return bundle;
}

/** An image that a bundle can carry now. */
export function usableImage(call: Call, id: string): Image {
  const image = images(call).get(id);
  if (!image || !isThere(image, call.now)) throw notFound('image', id);
  checkAvailable(call, 'image', id, image);
  return image;
}

/** The bundle of that id, unless it is not there or not any more. */
export function bundleNow(call: Call, id: string): Bundle | undefined {
  const bundle = bundles(call).get(id);
  return bundle && isThere(bundle, call.now) ? bundle : undefined;
}

function checkAvailable(call: Call, what: string, id: string, made: Bundle | Image): void {
  const state = stateAt(made, call.now);
  if (state === 'AVAILABLE') return;
  throw new AwsError('ResourceUnavailableException', `The ${what} ${id} is not available: ${state}.`, 400, {
    ResourceId: id,
  });
}

function checkFit(bundle: Bundle, image: Image, call: Call): void {
  const present = images(call).get(imageOf(bundle, call.now) ?? '');
  if (present && present.operatingSystem !== image.operatingSystem) {
    const message = `The operating system of image ${image.imageId} (${image.operatingSystem}) is not that of the bundle (${present.operatingSystem}).`;
    throw new AwsError('InvalidParameterValuesException', message);
  }
  if (image.rootVolumeGib > bundle.rootVolumeGib) {
    const message = `The root volume of bundle ${bundle.bundleId} is smaller than that of image ${image.imageId}.`;
    throw new AwsError('InvalidParameterValuesException', message);
  }
}

export const notFound = (what: string, id: string): AwsError =>
  new AwsError('ResourceNotFoundException', `The ${what} ${id} could not be found.`, 400, { ResourceId: id });

/** Everything that changed a bundle's image, for tests. */
export function bundleUpdates(place: Place, bundleId: string): readonly { at: number; imageId: string }[] {
  return bundles(place).get(bundleId)?.images.slice(1) ?? [];
}

export const bundleOperations = {
  DescribeWorkspaceBundles: describeWorkspaceBundles,
  UpdateWorkspaceBundle: updateWorkspaceBundle,
};
