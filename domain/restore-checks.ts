/** Whether a restore may begin, and whether it still may right before its point of no return: one verdict a check. */
import type { ImageRestoreInput, Strategy } from './image-restore.ts';
import type { RestoreDesktop, RestoreFacts } from './restore-facts.ts';
import { newest } from './snapshots.ts';
import { isGone, isMigratable, isRebuildable } from './workspace-states.ts';

export const RESTORE_CHECKS = {
  workspace: 'the WorkSpace exists',
  state: 'its state allows it',
  modification: 'nothing of it is being changed',
  standby: 'it has no standby, which could not be put back',
  user: 'its user is known',
  otherUser: 'the other user has no WorkSpace in the directory',
  image: 'the image is AVAILABLE and ours',
  migration: 'AWS migrates such a WorkSpace',
  bundle: 'its compute type and volumes are known, for a bundle that fits',
  bundleQuota: 'there is room for a custom bundle',
  directory: 'its directory is registered and active',
  key: 'its encryption key can be used',
  snapshot: 'the snapshot is the one that was planned, and not too late',
  lastImage: 'a last image of it can be made',
  surroundings: 'the report can be written, and operators told',
  prepared: 'the restore bundle, and the canary, are AVAILABLE',
  userVolume: 'its user volume may be lost',
  operators: 'somebody is told if its user is left without a desktop',
  confirm: 'its id was typed again',
} as const;
export type RestoreCheckName = keyof typeof RESTORE_CHECKS;

export interface RestoreCheck {
  readonly check: RestoreCheckName;
  /** `open`: a person has not said it yet; a run that begins so is refused. */
  readonly verdict: 'ok' | 'refused' | 'open';
  /** What was seen; where it is not `ok`, also what to do. */
  readonly detail: string;
}

type Judged = Pick<
  ImageRestoreInput,
  | 'target'
  | 'workspaceId'
  | 'strategy'
  | 'imageId'
  | 'snapshotTime'
  | 'notAfter'
  | 'loseUserVolume'
  | 'confirm'
  | 'otherUser'
  | 'canary'
  | 'lastImage'
  | 'operatorTopicArn'
  | 'nobodyToTell'
>;
/** Null: the check is none of this restore's. */
type Verdict = Omit<RestoreCheck, 'check'> | null;

const ok = (detail: string): Verdict => ({ verdict: 'ok', detail });
const refused = (detail: string): Verdict => ({ verdict: 'refused', detail });
const open = (detail: string): Verdict => ({ verdict: 'open', detail });

/** Strategies that make a temporary bundle of an image. */
export const needsBundle = (strategy: Strategy): boolean => strategy !== 'snapshot' && strategy !== 'rebuild';
/** All but `copy` change the WorkSpace itself. */
export const isDestructive = (strategy: Strategy): boolean => strategy !== 'copy';
/** A second WorkSpace is made for another user. */
const needsOtherUser = ({ strategy, canary }: Judged): boolean => strategy === 'copy' || canary;

/** AWS's quota of custom bundles in a Region cannot be raised. */
export const MOST_BUNDLES = 50;

/** AWS terminates in any state but SUSPENDED; in those left out here, something is going on that would be cut off. */
const TERMINABLE = new Set([
  'AVAILABLE',
  'STOPPED',
  'ERROR',
  'UNHEALTHY',
  'IMPAIRED',
  'ADMIN_MAINTENANCE',
  'MAINTENANCE',
]);
/** RestoreWorkspace takes what RebuildWorkspaces takes; MigrateWorkspace less. */
const ALLOWS: Readonly<Record<Strategy, (state: string) => boolean>> = {
  image: isMigratable,
  recreate: (state) => TERMINABLE.has(state),
  snapshot: isRebuildable,
  rebuild: isRebuildable,
  copy: (state) => !isGone(state),
};
export const isAllowed = (strategy: Strategy, state: string): boolean => ALLOWS[strategy](state);

/** Every check that belongs to the strategy, in the order in which one reads them. */
export function restoreChecks(input: Judged, facts: RestoreFacts): RestoreCheck[] {
  return JUDGES.flatMap(([check, judge]) => {
    const verdict = judge(input, facts);
    return verdict ? [{ check, ...verdict }] : [];
  });
}

/** What a run is refused for: what nobody has said counts too. */
export const refusalsOf = (checks: readonly RestoreCheck[]): RestoreCheck[] =>
  checks.filter(({ verdict }) => verdict !== 'ok');

type Judge = (input: Judged, facts: RestoreFacts) => Verdict;

/** For what can only be said of a WorkSpace that exists. */
const ofDesktop =
  (judge: (input: Judged, desktop: RestoreDesktop, facts: RestoreFacts) => Verdict): Judge =>
  (input, facts) =>
    facts.desktop ? judge(input, facts.desktop, facts) : null;

const JUDGES: readonly (readonly [RestoreCheckName, Judge])[] = [
  ['workspace', workspaceVerdict],
  ['state', ofDesktop(stateVerdict)],
  ['modification', ofDesktop(modificationVerdict)],
  ['standby', ofDesktop(standbyVerdict)],
  ['user', ofDesktop(userVerdict)],
  ['otherUser', ofDesktop(otherUserVerdict)],
  ['image', imageVerdict],
  ['migration', ofDesktop(migrationVerdict)],
  ['bundle', ofDesktop(bundleVerdict)],
  ['bundleQuota', bundleQuotaVerdict],
  ['directory', ofDesktop(directoryVerdict)],
  ['key', ofDesktop(keyVerdict)],
  ['snapshot', snapshotVerdict],
  ['lastImage', ofDesktop(lastImageVerdict)],
  ['surroundings', surroundingsVerdict],
  ['prepared', preparedVerdict],
  ['userVolume', userVolumeVerdict],
  ['operators', operatorsVerdict],
  ['confirm', confirmVerdict],
];

function workspaceVerdict({ workspaceId, target }: Judged, { desktop }: RestoreFacts): Verdict {
  const where = `${target.account}/${target.region}`;
  if (!desktop) return refused(`${workspaceId} does not exist in ${where}: give one that does`);
  if (isGone(desktop.state)) return refused(`${workspaceId} is ${desktop.state}: it cannot be restored any more`);
  return ok(`${workspaceId} of ${desktop.userName} on ${desktop.bundleId}`);
}

function stateVerdict({ strategy }: Judged, { state }: RestoreDesktop): Verdict {
  if (isAllowed(strategy, state)) return ok(state);
  if (state === 'SUSPENDED') {
    return refused('it is SUSPENDED, as an image of it is being made: wait until that has ended, up to 45 minutes');
  }
  return refused(
    `it is ${state}, in which AWS does not take this, or it would cut off what is going on: wait, or mend it`,
  );
}

function modificationVerdict({ strategy }: Judged, { modifying }: RestoreDesktop): Verdict {
  if (!isDestructive(strategy)) return null;
  return modifying === null ? ok('no modification') : refused(`${modifying}: wait until AWS has ended it`);
}

function standbyVerdict({ strategy }: Judged, { paired }: RestoreDesktop): Verdict {
  if (!isDestructive(strategy)) return null;
  return paired
    ? refused('it is part of a Multi-Region pair, which would be broken: take the pair apart first, or restore a copy')
    : ok('no standby');
}

/** A user's name as AWS gives it where a WorkSpace was made without one. */
const NO_USER = '[UNDEFINED]';

function userVerdict({ strategy }: Judged, { userName, directoryId }: RestoreDesktop): Verdict {
  if (strategy !== 'recreate') return null;
  if (userName === '' || userName === NO_USER) {
    return refused(
      'it was made without a user, so that no WorkSpace could be made for the same one: choose another strategy',
    );
  }
  return ok(
    `${userName} in ${directoryId}; AWS is asked before the termination, and may not look for the user then: a canary is surer`,
  );
}

function otherUserVerdict(input: Judged, { userName }: RestoreDesktop, { ofOtherUser }: RestoreFacts): Verdict {
  if (!needsOtherUser(input)) return null;
  const { otherUser } = input;
  if (otherUser === null) return open('name the user of the second WorkSpace');
  if (otherUser.toLowerCase() === userName.toLowerCase()) {
    return refused(`${otherUser} is the WorkSpace's own user, who can have one WorkSpace in a directory: name another`);
  }
  const [has] = ofOtherUser ?? [];
  return has === undefined
    ? ok(otherUser)
    : refused(`${otherUser} has ${has} in this directory: name a user without one`);
}

function imageVerdict({ strategy, imageId, target }: Judged, { image }: RestoreFacts): Verdict {
  if (!needsBundle(strategy)) return null;
  if (imageId === null) return open('name the image');
  if (!image) return refused(`${imageId} does not exist in ${target.account}/${target.region}: give one that does`);
  if (image.ownerAccount !== target.account) {
    return refused(`${imageId} belongs to ${image.ownerAccount ?? 'nobody known'}: copy it to ${target.account} first`);
  }
  if (image.state !== 'AVAILABLE') return refused(`${imageId} is ${image.state}: wait for it, or give another`);
  return ok(`${image.name}${image.createdAt === null ? '' : ` of ${image.createdAt}`}`);
}

/** AWS's rules for MigrateWorkspace. https://docs.aws.amazon.com/workspaces/latest/adminguide/migrate-workspaces.html */
function migrationVerdict(input: Judged, { operatingSystem }: RestoreDesktop, facts: RestoreFacts): Verdict {
  if (input.strategy !== 'image') return null;
  const instead = 'choose another strategy, such as snapshot, or recreate, which destroys the user volume';
  const { image, presentImage } = facts;
  if (operatingSystem !== null && !/^(?:WINDOWS|UNKNOWN)/.test(operatingSystem)) {
    return refused(`it runs ${operatingSystem}, and AWS migrates Windows only: ${instead}`);
  }
  if (image?.operatingSystem === 'LINUX')
    return refused(`the image is LINUX, and AWS migrates Windows only: ${instead}`);
  if (image && presentImage && presentImage.byol !== image.byol) {
    const [own, other] = presentImage.byol ? ['is', 'is not'] : ['is not', 'is'];
    return refused(`the WorkSpace ${own} Windows under your own licence, the image ${other}: ${instead}`);
  }
  return ok(operatingSystem ?? 'Windows, as far as AWS shows');
}

function bundleVerdict({ strategy }: Judged, { settings }: RestoreDesktop): Verdict {
  if (!needsBundle(strategy)) return null;
  const { computeType, rootGib, userGib } = settings;
  if (computeType === null || rootGib === null || userGib === null) {
    return refused('AWS does not show its compute type or the sizes of its volumes, so no bundle can be made for it');
  }
  return ok(`${computeType}, root volume ${rootGib} GiB, user volume ${userGib} GiB`);
}

function bundleQuotaVerdict({ strategy }: Judged, { ownBundles }: RestoreFacts): Verdict {
  if (!needsBundle(strategy)) return null;
  return ownBundles < MOST_BUNDLES
    ? ok(`${ownBundles} of ${MOST_BUNDLES} custom bundles`)
    : refused(`there are ${ownBundles} custom bundles, and AWS allows ${MOST_BUNDLES}, whoever asks: delete one`);
}

function directoryVerdict(_input: Judged, { directoryId }: RestoreDesktop, { directory }: RestoreFacts): Verdict {
  if (!directory) return refused(`directory ${directoryId} is not registered with WorkSpaces: register it`);
  const { state, stage } = directory;
  if (state !== 'REGISTERED') return refused(`directory ${directoryId} is ${state}: it must be REGISTERED; mend it`);
  if (stage === null || stage === 'Active')
    return ok(`${directoryId} is REGISTERED${stage === null ? '' : ' and Active'}`);
  if (stage === 'AccessDenied') return ok(`${directoryId} is REGISTERED; the worker may not look at its stage`);
  return refused(`directory ${directoryId} is ${stage} in Directory Service: it must be Active; mend it`);
}

/** As `domain/eligibility.ts`: `AccessDenied` says only that we may not look. */
function keyVerdict(_input: Judged, { encryption }: RestoreDesktop, { keyState }: RestoreFacts): Verdict {
  if (keyState === null) return ok('not encrypted');
  if (keyState === 'Enabled') return ok(`${encryption.keyId ?? ''} is Enabled`);
  if (keyState === 'AccessDenied') return ok(`${encryption.keyId ?? ''}: the worker may not look at it`);
  return refused(`key ${encryption.keyId ?? ''} is ${keyState}: the WorkSpace would be left unusable; enable the key`);
}

/** The times of the snapshots that the strategy goes back to; null: none. */
export function snapshotsFor(
  strategy: Strategy,
  facts: Pick<RestoreFacts, 'userSnapshots' | 'bothSnapshots'>,
): readonly string[] | null {
  if (strategy === 'snapshot') return facts.bothSnapshots;
  return strategy === 'image' || strategy === 'rebuild' ? facts.userSnapshots : null;
}

/** AWS takes the newest, and no call can name one: it must be the one that a person saw. */
function snapshotVerdict({ strategy, snapshotTime, notAfter }: Judged, facts: RestoreFacts): Verdict {
  const times = snapshotsFor(strategy, facts);
  if (times === null || !facts.desktop) return null;
  const latest = newest(times);
  if (latest === null) {
    return refused('there is no snapshot: AWS makes the first soon after a WorkSpace is made or restored; wait for it');
  }
  if (notAfter !== null && Date.parse(latest) > Date.parse(notAfter)) {
    return refused(
      `the snapshot is of ${latest}, later than ${notAfter}: it holds the damage; restore an image instead`,
    );
  }
  if (snapshotTime !== null && Date.parse(latest) !== Date.parse(snapshotTime)) {
    return refused(`the snapshot is of ${latest}, and the plan's was of ${snapshotTime}: look at a new plan`);
  }
  return ok(latest);
}

function lastImageVerdict({ lastImage }: Judged, desktop: RestoreDesktop, { images }: RestoreFacts): Verdict {
  if (!lastImage) return null;
  const { encryption, state } = desktop;
  if (images && images.quota !== null && images.count >= images.quota) {
    return refused(
      `the Region has ${images.count} images and may have ${images.quota}: delete one, ask AWS for a higher quota, or go ` +
        'on without a last image',
    );
  }
  if (encryption.root || encryption.user) {
    return refused('its volumes are encrypted, and AWS makes no image of such a WorkSpace: go on without a last image');
  }
  if (state === 'AVAILABLE') return ok('it is AVAILABLE and not encrypted');
  if (state === 'STOPPED') return ok('it is STOPPED and not encrypted: it is started for its image, and stopped again');
  return refused(`it is ${state}, and AWS makes images of AVAILABLE ones only: mend it, or go on without a last image`);
}

function surroundingsVerdict(_input: Judged, { surroundings }: RestoreFacts): Verdict {
  return surroundings.length === 0 ? ok('as far as it shows') : refused(surroundings.join('; '));
}

/** Nothing is destroyed before what takes its place stands. */
function preparedVerdict({ imageId }: Judged, { made, desktop }: RestoreFacts): Verdict {
  if (made === null) return null;
  const { bundle, canaryState } = made;
  if (canaryState !== null && canaryState !== 'AVAILABLE' && canaryState !== 'STOPPED') {
    return refused(`the canary is ${canaryState}`);
  }
  if (!bundle) return refused('the restore bundle is gone');
  if (bundle.state !== 'AVAILABLE') return refused(`the restore bundle ${bundle.bundleId} is ${bundle.state}`);
  if (bundle.imageId !== imageId) return refused(`the restore bundle carries ${bundle.imageId ?? 'no image'}`);
  const { rootGib, userGib, computeType } = desktop?.settings ?? {};
  const fits =
    bundle.computeType === computeType &&
    (bundle.rootGib ?? 0) >= (rootGib ?? 0) &&
    (bundle.userGib ?? 0) >= (userGib ?? 0);
  return fits ? ok(`${bundle.bundleId} is AVAILABLE`) : refused(`the restore bundle ${bundle.bundleId} does not fit`);
}

function userVolumeVerdict({ strategy, loseUserVolume }: Judged): Verdict {
  if (strategy !== 'recreate') return null;
  return loseUserVolume
    ? ok('it was said so')
    : open('the user volume is destroyed: say that it may be (--lose-user-volume)');
}

function operatorsVerdict({ strategy, operatorTopicArn, nobodyToTell }: Judged): Verdict {
  if (strategy !== 'recreate') return null;
  if (operatorTopicArn !== null) return ok(operatorTopicArn);
  return nobodyToTell
    ? ok('nobody, as was said')
    : open('name a topic (--operator-topic), or say that nobody is to be told (--nobody-to-tell)');
}

function confirmVerdict({ strategy, confirm, workspaceId }: Judged): Verdict {
  if (!isDestructive(strategy)) return null;
  if (confirm === null) return open(`type the id of the WorkSpace again (--confirm ${workspaceId})`);
  return confirm === workspaceId ? ok(confirm) : refused(`${confirm} was typed, and it is ${workspaceId}`);
}
