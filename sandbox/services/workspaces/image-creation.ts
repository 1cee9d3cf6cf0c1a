/** CreateWorkspaceImage: the WorkSpace is SUSPENDED until the image is made, or is not. */
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import { drawn, endFault } from './changes.ts';
import { wantedDesktop } from './desktops.ts';
import { hardwareAt, modificationStates } from './hardware.ts';
import { imageShown, ownImages } from './images.ts';
import { desktops, images } from './rows.ts';
import type { Desktop, Image, ImageError } from './rows.ts';
import { settingsOf } from './settings.ts';
import { setTags, tagsGiven } from './tags.ts';
import { disconnect, isTaken, plan, randomOf, viewAt } from './timeline.ts';

interface Input {
  readonly Name: string;
  readonly Description: string;
  readonly WorkspaceId: string;
  readonly Tags?: { readonly Key: string; readonly Value?: string }[];
}

const createWorkspaceImage: Operation = (input: Input, call) => {
  const desktop = wantedDesktop(call, input.WorkspaceId);
  checkState(call, desktop);
  checkRoom(call, input.Name);
  const tags = tagsGiven(input.Tags);
  const image = begin(call, desktop, input);
  images(call).set(image.imageId, image);
  setTags(call, image.imageId, tags, call.now);
  return imageShown(image, call.now);
};

function checkState(call: Call, desktop: Desktop): void {
  if (desktop.volumeEncryptionKey !== null) {
    const message =
      "The operation couldn't be performed on the specified WorkSpace. " +
      'Confirm that the WorkSpace is not encrypted and try again.';
    throw new AwsError('OperationNotSupportedException', message);
  }
  const state = viewAt(desktop, call.now)?.state;
  if (state !== 'AVAILABLE' || isTaken(desktop, call.now)) {
    throw new AwsError('InvalidResourceStateException', `The WorkSpace is ${state}; this operation needs AVAILABLE.`);
  }
  if (modificationStates(desktop, call.now).length > 0) {
    throw new AwsError('InvalidResourceStateException', 'The WorkSpace is being modified.');
  }
}

function checkRoom(call: Call, name: string): void {
  const own = ownImages(call);
  if (own.some((image) => image.name === name)) {
    throw new AwsError('ResourceAlreadyExistsException', `An image named ${name} exists already.`);
  }
  const { imageQuota } = settingsOf(call);
  if (own.length >= imageQuota) {
    const message = `The account has ${own.length} images in this Region, and its quota is ${imageQuota}.`;
    throw new AwsError('ResourceLimitExceededException', message);
  }
}

function begin(call: Call, desktop: Desktop, { Name, Description }: Input): Image {
  const settings = settingsOf(call);
  const imageId = `wsi-${randomOf(desktop, `image/${desktop.jobs.length}`).id(9)}`;
  const from = call.now + drawn(desktop, 'image-lag', settings.lagSeconds, 1000);
  const fault = endFault(call, 'CreateWorkspaceImage', desktop);
  const to = fault?.kind === 'stuck' ? null : from + drawn(desktop, 'image', settings.imageMinutes, 60_000);
  plan(desktop, call.now, [
    { at: from, state: 'SUSPENDED' },
    ...(to === null ? [] : [{ at: to, state: 'AVAILABLE' } as const]),
  ]);
  disconnect(desktop, from);
  desktop.jobs.push({ kind: 'image', calledAt: call.now, from, to, imageId });
  desktops(call).touch();
  const rootImage = images(call).get(viewAt(desktop, call.now)?.rootImageId ?? '');
  return {
    imageId,
    name: Name,
    description: Description,
    operatingSystem: desktop.operatingSystem.startsWith('WINDOWS') ? 'WINDOWS' : 'LINUX',
    ...(rootImage?.byol && { byol: true }),
    state: fault?.kind === 'fail' ? 'ERROR' : 'AVAILABLE',
    owner: call.account,
    createdAt: call.now,
    pendingUntil: to,
    rootVolumeGib: hardwareAt(call, desktop, call.now).rootVolumeGib,
    madeOf: desktop.workspaceId,
    ...(fault?.kind === 'fail' && { error: errorOf(settings.codes.imageFailed, fault) }),
  };
}

/** The rule's code is the detail: `DiskFreeSpace`, `PendingReboot`. */
function errorOf(code: string, fault: { readonly code?: string; readonly message?: string }): ImageError {
  const detail = fault.code ?? 'UnknownError';
  const message = fault.message ?? `The image could not be created: ${detail}.`;
  return { code, message: 'The image could not be created.', details: [{ code: detail, message }] };
}

export const imageCreationOperations = { CreateWorkspaceImage: createWorkspaceImage };
