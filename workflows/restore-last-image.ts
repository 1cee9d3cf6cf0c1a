/** An image of the WorkSpace as it is, before anything is done to it. AWS has one image of a name, so a lost call is found. */
import { remediesText } from '../domain/image-remedies.ts';
import { KEEP_TAG, USER_TAG, userTag } from '../domain/holdfast-tags.ts';
import type { RestoreDesktop } from '../domain/restore-facts.ts';
import { lastImageName } from '../domain/restore-names.ts';
import { imageCreation, imageEffects, imageReads, listings, restoreCalls } from './activities.ts';
import { lock } from './restore-lock.ts';
import { tagsOfRun, unmade } from './restore-making.ts';
import { orRefuse } from './restore-prepare.ts';
import { enter, giveUp, heard, pause, type RestoreRun } from './restore-run.ts';

const LOOK_EVERY = 3 * 60_000;
const START_TAKES = 2 * 60_000;
const CALL_WITHIN = 2 * 60_000;

export async function lastImage(run: RestoreRun): Promise<void> {
  const { input, state } = run;
  const { target } = input;
  enter(run, 'lastImage');
  if (!(await lock(run))) return;
  const { computerName } = state.before as RestoreDesktop;
  state.lastImage ??= { name: lastImageName(computerName, state.now), imageId: null, done: false, started: false };
  const image = state.lastImage;
  if (image.imageId === null) {
    const listed = await orRefuse(run, () => listings(target).listImages({ target }));
    if (!listed) return;
    heard(run, listed.at);
    image.imageId = listed.images.find((each) => each.name === image.name)?.imageId ?? null;
    if (image.imageId === null) return (await isUp(run)) ? await ask(run, image.name) : await pause(run, START_TAKES);
  }
  const imageIds = [image.imageId];
  const looked = await orRefuse(run, () => imageReads(target).lookAtImages({ target, imageIds }));
  if (!looked) return;
  heard(run, looked.at);
  const [seen] = looked.found;
  if (seen?.state === 'ERROR') {
    await orRefuse(run, () => imageEffects(target).deleteImage({ target, imageId: seen.imageId }));
    const remedies = remediesText(seen.errorCodes);
    return giveUp(run, 'refused', `the last image failed, so nothing was destroyed: ${remedies}`);
  }
  if (seen?.state === 'AVAILABLE' && (await isBack(run))) {
    image.done = true;
    state.step = 'lastLook';
    return;
  }
  await pause(run, LOOK_EVERY);
}

/** The WorkSpace is SUSPENDED while its image is made, and a moment longer. */
async function isBack(run: RestoreRun): Promise<boolean> {
  const { target, workspaceId } = run.input;
  const look = await orRefuse(run, () => restoreCalls(target).describeInFull({ target, workspaceId }));
  return look !== null && look.desktop?.state !== 'SUSPENDED';
}

/** One that is STOPPED is started: AWS makes images of no others. That it is to be stopped again is noted first. */
async function isUp(run: RestoreRun): Promise<boolean> {
  const { input, state } = run;
  const { target, workspaceId } = input;
  const look = await orRefuse(run, () => restoreCalls(target).describeInFull({ target, workspaceId }));
  if (look?.desktop?.state === 'STOPPED' && state.lastImage) {
    state.lastImage.started = true;
    await orRefuse(run, () => imageEffects(target).startWorkspace({ target, workspaceId }));
    return false;
  }
  return look !== null && look.desktop?.state !== 'STARTING';
}

async function ask(run: RestoreRun, name: string): Promise<void> {
  const { input, state } = run;
  const { target, workspaceId } = input;
  const tags = {
    ...tagsOfRun(run),
    [USER_TAG]: userTag(state.before as RestoreDesktop),
    [KEEP_TAG]: `last image before a restore of ${workspaceId}`,
  };
  const description = `Holdfast - before a restore of ${workspaceId}`;
  const reply = await imageCreation(target, CALL_WITHIN)
    .createImage({ target, workspaceId, name, description, tags })
    .catch(unmade);
  if (reply.reply === 'refused' && reply.code !== 'ResourceAlreadyExistsException') {
    return giveUp(run, 'refused', `AWS makes no last image of it (${reply.code}: ${reply.message})`);
  }
  // Whatever became of the call: the next look finds the image by its name, or it is asked for again.
  await pause(run, LOOK_EVERY);
}
