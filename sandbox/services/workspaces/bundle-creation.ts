/** CreateWorkspaceBundle and DeleteWorkspaceBundle. */
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import { bundleNow, bundleShown, notFound, usableImage } from './bundles.ts';
import { volumesExist } from './hardware.ts';
import { isThere } from './lifetime.ts';
import { bundles, desktops, pools } from './rows.ts';
import type { Bundle, Hardware, Image } from './rows.ts';
import { settingsOf } from './settings.ts';
import { setTags, tagsGiven } from './tags.ts';
import { viewAt } from './timeline.ts';

/** AWS grants no more. */
const MOST_BUNDLES = 50;
const NAME_FREE_AFTER_MS = 2 * 3_600_000;

interface Input {
  readonly BundleName: string;
  readonly BundleDescription: string;
  readonly ImageId: string;
  readonly ComputeType: { readonly Name?: string };
  readonly UserStorage: { readonly Capacity: string };
  readonly RootStorage?: { readonly Capacity: string };
  readonly Tags?: { readonly Key: string; readonly Value?: string }[];
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValuesException', message);

const createWorkspaceBundle: Operation = (input: Input, call) => {
  const image = usableImage(call, input.ImageId);
  const hardware = hardwareOf(input, image);
  checkName(call, input.BundleName);
  const tags = tagsGiven(input.Tags);
  const bundle = bundleOf(call, input, hardware);
  bundles(call).set(bundle.bundleId, bundle);
  setTags(call, bundle.bundleId, tags, call.now);
  return { WorkspaceBundle: bundleShown(bundle, call.now) };
};

function hardwareOf(input: Input, image: Image): Hardware {
  if (!input.ComputeType.Name) throw invalid('ComputeType must have a Name.');
  const rootVolumeGib = input.RootStorage ? gibibytes(input.RootStorage.Capacity) : image.rootVolumeGib;
  const userVolumeGib = gibibytes(input.UserStorage.Capacity);
  if (rootVolumeGib < image.rootVolumeGib) {
    throw invalid(`The root volume cannot be smaller than that of image ${image.imageId}: ${image.rootVolumeGib} GiB.`);
  }
  const hardware = { computeType: input.ComputeType.Name, rootVolumeGib, userVolumeGib };
  if (!volumesExist(hardware)) {
    throw invalid(
      `There is no bundle with a root volume of ${rootVolumeGib} and a user volume of ${userVolumeGib} GiB.`,
    );
  }
  return hardware;
}

/** Sizes are strings in this API. */
function gibibytes(capacity: string): number {
  if (!/^\d+$/.test(capacity)) throw invalid(`A Capacity is a number of GiB, got '${capacity}'.`);
  return Number(capacity);
}

function checkName(call: Call, name: string): void {
  const own = bundles(call)
    .values()
    .filter(({ owner }) => owner === call.account);
  const present = own.filter((bundle) => isThere(bundle, call.now));
  if (present.some((bundle) => bundle.name === name)) {
    throw new AwsError('ResourceAlreadyExistsException', `A bundle named ${name} exists already.`);
  }
  const freed = own.filter((bundle) => bundle.name === name).map(({ deletedAt = 0 }) => deletedAt + NAME_FREE_AFTER_MS);
  if (freed.some((at) => at > call.now)) {
    const message = `A bundle named ${name} was deleted less than two hours ago.`;
    throw new AwsError('ResourceAlreadyExistsException', message);
  }
  if (present.length >= MOST_BUNDLES) {
    throw new AwsError('ResourceLimitExceededException', `An account can have ${MOST_BUNDLES} bundles in a Region.`);
  }
}

function bundleOf(call: Call, input: Input, hardware: Hardware): Bundle {
  const random = call.world.random(`bundle/${call.account}/${call.region}/${bundles(call).size}`);
  const where = { service: 'workspaces', operation: 'CreateWorkspaceBundle', input };
  const kind = call.world.faults.take(['stuck', 'fail'], where)?.kind;
  const pending = Math.round(random.between(...settingsOf(call).bundlePendingSeconds) * 1000);
  return {
    bundleId: `wsb-${random.id(9)}`,
    name: input.BundleName,
    description: input.BundleDescription,
    owner: call.account,
    state: kind === 'fail' ? 'ERROR' : 'AVAILABLE',
    pendingUntil: kind === 'stuck' ? null : call.now + pending,
    ...hardware,
    createdAt: call.now,
    images: [{ at: call.now, imageId: input.ImageId }],
  };
}

const deleteWorkspaceBundle: Operation = ({ BundleId }: { BundleId?: string }, call) => {
  if (!BundleId) throw invalid('BundleId must be specified.');
  const bundle = bundleNow(call, BundleId);
  if (bundle?.owner === 'AMAZON') {
    throw new AwsError('AccessDeniedException', `The bundle ${BundleId} is provided by AWS and cannot be deleted.`);
  }
  if (bundle?.owner !== call.account) throw notFound('bundle', BundleId);
  const user = userOf(call, BundleId);
  if (user) throw new AwsError('ResourceAssociatedException', `The bundle ${BundleId} is used by ${user}.`);
  bundle.deletedAt = call.now;
  bundles(call).touch();
  return {};
};

/** A WorkSpace that is on the bundle, also one that is being made or terminated, or a Pool. */
function userOf(call: Call, id: string): string | undefined {
  const desktop = desktops(call)
    .values()
    .find((one) => one.bundleId === id && viewAt(one, call.now));
  const pool = pools(call)
    .values()
    .find(({ bundleId }) => bundleId === id);
  return desktop?.workspaceId ?? pool?.poolId;
}

export const bundleCreationOperations = {
  CreateWorkspaceBundle: createWorkspaceBundle,
  DeleteWorkspaceBundle: deleteWorkspaceBundle,
};
