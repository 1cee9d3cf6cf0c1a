/** Making one image: the call, whose end may be unclear, and the wait for what AWS makes of it. */
import { WORKSPACE_TAG, RUN_TAG } from '../domain/holdfast-tags.ts';
import type { BackupRow } from '../domain/backup-row.ts';
import { backupTags, imageDescription } from '../domain/backup-tags.ts';
import { imageName } from '../domain/image-name.ts';
import { remediesText } from '../domain/image-remedies.ts';
import type { CreateImageReply, ImageSeen } from '../activities/images.ts';
import { imageCreation, imageEffects, listings, quickCalls } from './activities.ts';
import { runName, type Desks } from './backup-desks.ts';
import { block, end } from './backup-ending.ts';
import { comeBack, lookAnew } from './backup-return.ts';
import { troubleOf } from './failures.ts';

const MINUTE = 60_000;
/** AWS takes at least so long, so nobody is asked before. */
const FIRST_LOOK = 10 * MINUTE;
const NEXT_LOOK = 3 * MINUTE;
/** How long an image may not be shown after its call, or its tags after itself: reads can be old. */
const SETTLES = 5 * MINUTE;
const LOOK_AGAIN = MINUTE;
const LEAST_IN_QUEUE = 10_000;

/** Right after the last look. A call that had no effect leads back to where all is looked at. */
export async function createImage(row: BackupRow, desks: Desks): Promise<void> {
  const { agenda, room } = desks;
  if (row.requestedAt !== null) {
    // The call may have been made: just now, in an earlier history, or by a worker that died.
    if (!(await adopt(row, desks))) lookAnew(row, desks);
    return;
  }
  agenda.check();
  row.requestedAt = agenda.isoNow;
  const reply = await callOnce(row, desks);
  switch (reply.reply) {
    case 'accepted':
      agenda.heard(reply.at);
      row.requestedAt = reply.at;
      follow(row, reply.imageId);
      return await room.renew();
    case 'throttled':
      lookAnew(row, desks);
      return await agenda.until(agenda.now + LOOK_AGAIN, { owner: row.workspaceId });
    case 'unclear':
      // Looked for at the next round, when it can be seen.
      return await agenda.until(agenda.now + LOOK_AGAIN, { evenAborted: true });
    case 'refused':
      return await takeRefusal(row, desks, reply);
  }
}

async function callOnce(row: BackupRow, { run, admission, agenda }: Desks): Promise<CreateImageReply> {
  const { target, policy } = run.input;
  const { workspaceId, computerName } = row;
  // Through the queue as long as the last look holds and images may begin; no time at all would be no limit.
  const atMost = Math.max(LEAST_IN_QUEUE, admission.timeLeft(row));
  try {
    return await imageCreation(target, atMost).createImage({
      target,
      workspaceId,
      name: row.imageName,
      description: imageDescription(computerName),
      tags: backupTags(row, { policy, run: runName(), at: agenda.isoNow }),
    });
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    // No worker took it: nothing was done, and all is looked at anew.
    return trouble.code === 'NotStarted' ? { reply: 'throttled' } : { reply: 'unclear', code: trouble.code };
  }
}

function follow(row: BackupRow, imageId: string): void {
  row.imageId = imageId;
  row.step = 'imaging';
}

type Refusal = Extract<CreateImageReply, { reply: 'refused' }>;

async function takeRefusal(row: BackupRow, desks: Desks, { type, code, message }: Refusal): Promise<void> {
  const { room } = desks;
  if (code === 'ResourceAlreadyExistsException') {
    if (!(await adopt(row, desks))) callOtherwise(row, desks);
    return;
  }
  row.requestedAt = null;
  if (type === 'AccessDenied') return await block(row, desks, { type, code, message });
  if (type === 'QuotaExceeded') {
    room.isOutdated();
    return await comeBack(row, desks, { outcome: 'ineligible', reason: { code: 'quota', detail: message } });
  }
  if (type === 'NotFound') return end(row, desks, 'skipped', { code: 'gone', detail: message });
  end(row, desks, 'imageFailed', { code: 'refused', detail: `${code}: ${message}` });
}

/** Another image has the name: another policy's, at the same minute. */
function callOtherwise(row: BackupRow, desks: Desks): void {
  const { run } = desks;
  const otherwise = imageName(row, run.state.plan?.asOf ?? '', `${row.workspaceId} ${run.input.policy}`);
  row.requestedAt = null;
  if (otherwise === row.imageName) return end(row, desks, 'imageFailed', { code: 'nameTaken', detail: row.imageName });
  row.imageName = otherwise;
  lookAnew(row, desks);
}

/** Takes the image of that name for ours, where it is: the call had its effect. */
async function adopt(row: BackupRow, desks: Desks): Promise<boolean> {
  const { agenda, observer, run, room } = desks;
  const { target } = run.input;
  const until = Date.parse(row.requestedAt ?? agenda.isoNow) + SETTLES;
  for (;;) {
    const { at, images } = await observer.persistently(() => listings(target).listImages({ target }));
    agenda.heard(at);
    const found = images.find(({ name }) => name === row.imageName);
    if (found && (await isOurs(row, desks, found))) {
      row.adopted = true;
      follow(row, found.imageId);
      await room.renew();
      return true;
    }
    if (Date.parse(at) >= until) return false;
    await agenda.until(agenda.now + LOOK_AGAIN, { evenAborted: true });
  }
}

async function isOurs(row: BackupRow, { run, observer }: Desks, { imageId }: ImageSeen): Promise<boolean> {
  const { target } = run.input;
  const read = () => quickCalls.describeTaggedImages({ target, imageIds: [imageId] });
  const { tagged } = await observer.persistently(read);
  const tags = tagged[0]?.tags ?? {};
  return tags[RUN_TAG] === runName() && tags[WORKSPACE_TAG] === row.workspaceId;
}

const begunAt = ({ requestedAt }: BackupRow, { agenda }: Desks): number => Date.parse(requestedAt ?? agenda.isoNow);

export const imageTimesOut = (row: BackupRow, desks: Desks): number =>
  begunAt(row, desks) + desks.run.input.imageTimeoutMinutes * MINUTE;

export async function followImage(row: BackupRow, desks: Desks): Promise<void> {
  const { agenda, observer, run } = desks;
  const begun = begunAt(row, desks);
  const timesOut = imageTimesOut(row, desks);
  const owner = row.workspaceId;
  await agenda.until(begun + FIRST_LOOK, { rounding: 'tick', evenAborted: true, owner });
  for (;;) {
    const image = await observer.image(row.imageId ?? '');
    if (image?.state === 'AVAILABLE') {
      run.state.unjudged += 1;
      return end(row, desks, 'imaged', null);
    }
    if (image?.state === 'ERROR') return failed(row, image.errorCodes, image.errorMessage);
    if (agenda.now >= timesOut) {
      return end(row, desks, 'imageUnconfirmed', { code: image ? 'notEnded' : 'notSeen', detail: row.imageId ?? '' });
    }
    await agenda.until(agenda.now + NEXT_LOOK, { rounding: 'tick', evenAborted: true, owner });
  }
}

function failed(row: BackupRow, codes: readonly string[], message: string | null): void {
  row.outcome = 'imageFailed';
  row.reason = { code: 'failed', detail: remediesText(codes) || (message ?? 'AWS does not say why') };
  row.step = 'removing';
}

/** It holds nothing, and takes room. One that AWS does not delete now is left to retention and sweeps. */
export async function removeImage(row: BackupRow, desks: Desks): Promise<void> {
  const { run, room, observer } = desks;
  const { target } = run.input;
  const imageId = row.imageId ?? '';
  try {
    await observer.persistently(() => imageEffects(target).deleteImage({ target, imageId }));
    room.giveBack(row.workspaceId);
    room.isOutdated();
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    row.reason = { code: 'failed', detail: `${row.reason?.detail ?? ''}; it could not be removed: ${trouble.message}` };
  }
  end(row, desks, 'imageFailed', null);
}
