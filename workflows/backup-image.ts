/** Making one image: the call, whose end may be unclear, and the wait for what AWS makes of it. */
import { WORKSPACE_TAG, RUN_TAG } from '../domain/holdfast-tags.ts';
import { judgeMember } from '../domain/backup-eligibility.ts';
import type { BackupRow } from '../domain/backup-row.ts';
import { backupTags, imageDescription } from '../domain/backup-tags.ts';
import { imageName } from '../domain/image-name.ts';
import { remediesText } from '../domain/image-remedies.ts';
import type { CreateImageReply, ImageSeen } from '../activities/images.ts';
import { imageCreation, imageEffects, listings, quickCalls } from './activities.ts';
import { runName, type Desks } from './backup-desks.ts';
import { block, end } from './backup-ending.ts';
import { troubleOf } from './failures.ts';

const MINUTE = 60_000;
/** AWS takes at least so long, so nobody is asked before. */
const FIRST_LOOK = 10 * MINUTE;
const NEXT_LOOK = 3 * MINUTE;
/** How long an image may not be shown after its call, or its tags after itself: reads can be old. */
const SETTLES = 5 * MINUTE;
const LOOK_AGAIN = MINUTE;

export async function createImage(row: BackupRow, desks: Desks): Promise<void> {
  const { agenda } = desks;
  // In an earlier history, or by a worker that died, the call may have been made.
  if (row.requestedAt !== null && (await adopt(row, desks))) return;
  if (row.step !== 'creating') return;
  agenda.check();
  if (row.started && !(await isReady(row, desks))) return;
  row.requestedAt = agenda.isoNow;
  const reply = await callOnce(row, desks);
  switch (reply.reply) {
    case 'accepted':
      agenda.heard(reply.at);
      row.requestedAt = reply.at;
      return follow(row, reply.imageId);
    case 'throttled':
      row.requestedAt = null;
      return await agenda.until(agenda.now + LOOK_AGAIN, { owner: row.workspaceId });
    case 'unclear':
      // Looked for at the next round, when it can be seen.
      return await agenda.until(agenda.now + LOOK_AGAIN, { evenAborted: true });
    case 'refused':
      return await takeRefusal(row, desks, reply);
  }
}

/** One that was started for this has been waited for, and its user may have come meanwhile. */
async function isReady(row: BackupRow, desks: Desks): Promise<boolean> {
  const { observer, run } = desks;
  const member = await observer.member(row.workspaceId);
  if (!member) {
    end(row, desks, 'skipped', { code: 'gone' });
    return false;
  }
  row.state = member.state;
  const { reason } = judgeMember(member, { startStopped: false, poolDirectoryIds: new Set() });
  if (reason) end(row, desks, 'ineligible', reason);
  else if (run.input.connectedUsers !== 'proceed' && (await observer.isConnected(row.workspaceId))) {
    end(row, desks, 'skipped', { code: 'userConnected' });
  }
  return row.step === 'creating';
}

async function callOnce(row: BackupRow, { run, admission, agenda }: Desks): Promise<CreateImageReply> {
  const { target, policy } = run.input;
  const { workspaceId, computerName } = row;
  // Through the queue as long as the last look and the window hold.
  const atMost = Math.max(MINUTE, admission.timeLeft(row));
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
    if (!(await adopt(row, desks))) await callOtherwise(row, desks);
    return;
  }
  row.requestedAt = null;
  if (type === 'AccessDenied') return await block(row, desks, { type, code, message });
  room.giveBack();
  if (type === 'QuotaExceeded') return end(row, desks, 'ineligible', { code: 'quota', detail: message });
  if (type === 'NotFound') return end(row, desks, 'skipped', { code: 'gone', detail: message });
  end(row, desks, 'imageFailed', { code: 'refused', detail: `${code}: ${message}` });
}

/** Another image has the name: another policy's, at the same minute. */
async function callOtherwise(row: BackupRow, desks: Desks): Promise<void> {
  const { run, room } = desks;
  const otherwise = imageName(row, run.state.plan?.asOf ?? '', `${row.workspaceId} ${run.input.policy}`);
  row.requestedAt = null;
  if (otherwise !== row.imageName) {
    row.imageName = otherwise;
    return;
  }
  room.giveBack();
  end(row, desks, 'imageFailed', { code: 'nameTaken', detail: row.imageName });
}

/** Takes the image of that name for ours, where it is: the call had its effect. */
async function adopt(row: BackupRow, desks: Desks): Promise<boolean> {
  const { agenda, observer, run } = desks;
  const { target } = run.input;
  const until = Date.parse(row.requestedAt ?? agenda.isoNow) + SETTLES;
  for (;;) {
    const { at, images } = await observer.persistently(() => listings(target).listImages({ target }));
    agenda.heard(at);
    const found = images.find(({ name }) => name === row.imageName);
    if (found && (await isOurs(row, desks, found))) {
      row.adopted = true;
      follow(row, found.imageId);
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

export async function followImage(row: BackupRow, desks: Desks): Promise<void> {
  const { agenda, observer, run } = desks;
  const begun = Date.parse(row.requestedAt ?? agenda.isoNow);
  const timesOut = begun + run.input.imageTimeoutMinutes * MINUTE;
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
    room.giveBack();
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    row.reason = { code: 'failed', detail: `${row.reason?.detail ?? ''}; it could not be removed: ${trouble.message}` };
  }
  end(row, desks, 'imageFailed', null);
}
