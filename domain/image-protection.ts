/** What no retention policy deletes, however old it is. */
import { CAPABILITY_TAG, KEEP_TAG, POLICY_TAG, RUN_TAG, USER_TAG, WORKSPACE_TAG } from './holdfast-tags.ts';
import { groupOf } from './image-groups.ts';
import type { BackupImage, RetentionReason } from './image-retention.ts';

/** Every reason for which the image stays whatever its policy says; none: the policy decides. */
export function protectionsOf(image: BackupImage, asOf: string, policyName: string): RetentionReason[] {
  return [...originOf(image, policyName), ...useOf(image), ...stateOf(image), ...clockOf(image, asOf)];
}

/** At most one: who made it. */
function originOf({ tags }: BackupImage, policyName: string): RetentionReason[] {
  const { [CAPABILITY_TAG]: capability, [RUN_TAG]: run, [POLICY_TAG]: policy } = tags;
  if (capability === 'imageRestore') {
    return [
      { rule: 'restore', text: `a restore made or uses it (${run ?? 'run not known'}): see \`holdfast sweep plan\`` },
    ];
  }
  if (capability !== 'imageBackup' || !run) {
    return [
      { rule: 'notOurs', text: `no backup of Holdfast’s: ${CAPABILITY_TAG}=imageBackup or ${RUN_TAG} is missing` },
    ];
  }
  if (policy !== policyName) {
    const text = policy ? `made by policy ${policy}, this is ${policyName}` : `${POLICY_TAG} is missing`;
    return [{ rule: 'otherPolicy', text }];
  }
  if (groupOf({ tags }) === null) {
    return [{ rule: 'noWorkspace', text: `whose it is is not known: ${WORKSPACE_TAG} and ${USER_TAG} name nobody` }];
  }
  return [];
}

function useOf({ tags, bundleIds, sharedWith }: BackupImage): RetentionReason[] {
  const reasons: RetentionReason[] = [];
  const keep = tags[KEEP_TAG];
  if (keep !== undefined) reasons.push({ rule: 'keepTag', text: `tagged ${KEEP_TAG}${keep && `: ${keep}`}` });
  if (bundleIds.length > 0) reasons.push({ rule: 'inBundle', text: `in use by ${bundleIds.join(', ')}` });
  if (sharedWith !== null && sharedWith > 0) {
    reasons.push({ rule: 'shared', text: `shared with ${sharedWith} ${sharedWith === 1 ? 'account' : 'accounts'}` });
  }
  return reasons;
}

function stateOf({ state }: BackupImage): RetentionReason[] {
  if (state === 'AVAILABLE' || state === 'ERROR') return [];
  if (state === 'PENDING') return [{ rule: 'pending', text: 'it is being made' }];
  return [{ rule: 'unknownState', text: `its state is ${state || 'not known'}` }];
}

/** The age of an image from the future, or from no time at all, says nothing. */
function clockOf({ createdAt }: BackupImage, asOf: string): RetentionReason[] {
  if (Date.parse(createdAt) <= Date.parse(asOf)) return [];
  return [{ rule: 'clock', text: `made at ${createdAt || 'an unknown time'}, which is not before ${asOf}` }];
}
