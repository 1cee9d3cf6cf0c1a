/** An upgrade's parameters from its flags. */
import { DEFAULTS, type ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { Selection } from '../domain/selection.ts';
import { parseUpgradeInput } from '../domain/upgrade-input.ts';
import { CommandError } from './exit.ts';
import type { UpgradeFlags } from './upgrade-flags.ts';

/** By the path of the parameter. */
export const FLAG_OF: Readonly<Record<string, string>> = {
  'target.account': '--account',
  'target.region': '--region',
  bundleId: '--bundle',
  imageId: '--image',
  'selection.allOf': '--tag',
  'selection.anyOf': '--any-tag',
  'selection.noneOf': '--not-tag',
  'selection.workspaceIds': '--ids-file',
  'selection.directoryIds': '--directory',
  maxResources: '--max-resources',
  maxResourcesPercent: '--max-resources-percent',
  otherBundle: '--other-bundle',
  'waves.canary.size': '--canary',
  'waves.canary.choose': '--canary',
  'waves.canary.tag': '--canary-tag',
  'waves.canary.workspaceIds': '--canary-file',
  'waves.sizes': '--waves',
  'waves.soakMinutes': '--soak',
  'waves.maxFailures': '--max-failures',
  'waves.failureKinds': '--failure-kinds',
  keepBundle: '--keep-bundle',
  windows: '--window',
  windowPassed: '--window-passed',
  'warnings.leadSeconds': '--notify-seconds',
  'warnings.text': '--warning-text',
  'warnings.reason': '--warning-reason',
  'warnings.contact': '--warning-contact',
  'warnings.requireDelivery': '--require-delivery',
  'warnings.topicArn': '--warning-topic',
  'connectedUsers.policy': '--connected',
  'connectedUsers.waitMinutes': '--connected-wait',
  'connectedUsers.afterWait': '--connected-then',
  maintenance: '--maintenance',
  operatorTopicArn: '--operator-topic',
  'approval.required': '--require-approval',
  'approval.expiresMinutes': '--approval-expires',
  pollSeconds: '--poll-seconds',
  waitTimeoutMinutes: '--wait-timeout-minutes',
  maxConcurrent: '--max-concurrent',
  quietMarginHours: '--quiet-margin-hours',
  maxDataLossSeconds: '--max-data-loss',
  poolsToo: '--pools-too',
  'report.bucket': '--report-bucket',
  'report.prefix': '--report-prefix',
  'report.kmsKeyArn': '--report-kms-key',
  'afterwards.deleteScheduleId': '--delete-schedule',
  'afterwards.deleteStackName': '--delete-stack',
};

/**
 * The parameters; what is wrong with them ends the command, all at once and before anything is done.
 *
 * @param over a policy of the file, which holds where no flag was given. @default none
 */
export function upgradeInput(flags: UpgradeFlags, over: (raw: object) => object = (raw) => raw): ImageUpgradeInput {
  const parsed = parseUpgradeInput(over(rawInput(flags)), (field) => FLAG_OF[field] ?? field);
  const problems = [...(parsed.ok ? [] : parsed.problems), ...selectionProblems(flags), ...canaryProblems(flags)];
  if (parsed.ok && problems.length === 0) return parsed.input;
  throw new CommandError('usage', problems.join('\n'));
}

type Raw = { readonly [Field in keyof ImageUpgradeInput]: unknown };

function rawInput(flags: UpgradeFlags): Raw {
  const { settleSeconds, confirmSeconds, rebuildTimeoutMinutes } = DEFAULTS;
  return {
    target: { account: flags.account, region: flags.region },
    bundleId: flags.bundle,
    imageId: flags.image,
    selection: selectionOf(flags),
    maxResources: flags.maxResources ?? null,
    maxResourcesPercent: flags.maxResourcesPercent ?? null,
    otherBundle: flags.otherBundle,
    waves: wavesOf(flags),
    keepBundle: flags.keepBundle ?? false,
    windows: flags.window ?? [],
    windowPassed: flags.windowPassed,
    warnings: warningsOf(flags),
    connectedUsers: { policy: flags.connected, waitMinutes: flags.connectedWait, afterWait: flags.connectedThen },
    maintenance: flags.maintenance ?? false,
    operatorTopicArn: flags.operatorTopic ?? null,
    approval: { planHash: null, required: flags.requireApproval ?? false, expiresMinutes: flags.approvalExpires },
    pollSeconds: flags.pollSeconds,
    waitTimeoutMinutes: flags.waitTimeoutMinutes,
    maxConcurrent: flags.maxConcurrent,
    quietMarginHours: flags.quietMarginHours,
    maxDataLossSeconds: flags.maxDataLoss ?? null,
    settleSeconds,
    confirmSeconds,
    rebuildTimeoutMinutes,
    poolsToo: flags.poolsToo ?? false,
    report: { bucket: flags.reportBucket, prefix: flags.reportPrefix, kmsKeyArn: flags.reportKmsKey ?? null },
    afterwards: { deleteScheduleId: flags.deleteSchedule ?? null, deleteStackName: flags.deleteStack ?? null },
  };
}

const selectionOf = ({
  tag = [],
  anyTag = [],
  notTag = [],
  idsFile = [],
  directory = [],
}: UpgradeFlags): Selection => ({
  allOf: tag,
  anyOf: anyTag,
  noneOf: notTag,
  workspaceIds: idsFile,
  directoryIds: directory,
});

/** `spread` unless it is said who: all of a file, or as many as the size says. */
function canaryOf({ canary, canaryTag, canaryFile }: UpgradeFlags): object | null {
  const size = canary ?? (canaryFile && String(canaryFile.length));
  if (size === undefined) return null;
  return {
    size,
    choose: canaryTag ? 'tag' : canaryFile ? 'list' : 'spread',
    tag: canaryTag ?? null,
    workspaceIds: canaryFile ?? [],
  };
}

const wavesOf = (flags: UpgradeFlags): object => ({
  canary: canaryOf(flags),
  sizes: flags.waves ?? [],
  soakMinutes: flags.soak,
  maxFailures: flags.maxFailures ?? null,
  failureKinds: flags.failureKinds,
});

const warningsOf = (flags: UpgradeFlags): object => ({
  leadSeconds: flags.notifySeconds,
  text: flags.warningText,
  reason: flags.warningReason ?? DEFAULTS.warnings.reason,
  contact: flags.warningContact ?? DEFAULTS.warnings.contact,
  requireDelivery: flags.requireDelivery ?? false,
  topicArn: flags.warningTopic ?? null,
});

/** A flag that was forgotten never selects everything: that has to be said. `--not-tag` alone would be nearly everything. */
function selectionProblems({ policy, all, tag, anyTag, notTag, idsFile, directory }: UpgradeFlags): string[] {
  const given = Object.entries({ '--tag': tag, '--any-tag': anyTag, '--ids-file': idsFile, '--directory': directory })
    .filter(([, value]) => value !== undefined)
    .map(([flag]) => flag);
  if (all && given.length > 0)
    return [`--all is the whole bundle, which ${given.join(' and ')} is not: give one of them`];
  // A policy says which itself, unless flags do.
  if (all || given.length > 0 || (policy !== undefined && !notTag)) return [];
  return [
    'which WorkSpaces? give --tag Key=Value, --any-tag, --ids-file or --directory, or --all for the whole bundle',
  ];
}

function canaryProblems({ canary, canaryTag, canaryFile }: UpgradeFlags): string[] {
  if (canaryTag && canaryFile) return ['--canary-tag and --canary-file both choose the canary: give one of them'];
  if (canaryTag && canary === undefined) return ['--canary-tag needs --canary: how many of them, such as 5 or 10%'];
  return [];
}
