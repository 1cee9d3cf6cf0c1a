/** `policies.imageUpgrade:` – a bundle is set to a new image, and its WorkSpaces are rebuilt. */
import { z } from 'zod';
import { DEFAULTS, type ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { Target } from '../domain/target.ts';
import { FAILURE_KINDS } from '../domain/waves.ts';
import { duration, environmentText, list, mapping, number, oneOf, tags, text } from './fields.ts';
import {
  connectedUsers,
  flag,
  inUnit,
  maxConcurrent,
  maxResources,
  operatorTopicArn,
  report,
  reportOf,
  selection,
  selectionOf,
  tagsOf,
  where,
  windowRulesOf,
  windows,
} from './policy-fields.ts';

const SIZE = 'a number of WorkSpaces such as 5, or a share of them such as "10%"';
const size = () => z.union([z.number(), z.string()], { error: SIZE });
const after = (what: string) => duration().optional().describe(what);

const waves = mapping({
  canary: mapping({
    size: size().describe('How many: 5 or "10%".'),
    tag: tags().optional().describe('Chosen among those with this tag: one key and its value.'),
    workspaceIds: list('a list of WorkSpace ids', text('a WorkSpace id')).optional().describe('Chosen among these.'),
  })
    .optional()
    .describe('The first wave; spread over directories unless a tag or ids say which.'),
  sizes: list(`a list of sizes, each ${SIZE}`, size())
    .optional()
    .describe('Sizes of the waves after the canary; the last takes the rest.'),
  soak: after('A wave is left alone so long before the next begins. Default: 0.'),
  maxFailures: size().optional().describe('The run holds past so many failures, or such a share. Default: never.'),
  failureKinds: list('a list of kinds', oneOf(FAILURE_KINDS)).optional().describe('What counts as a failure.'),
});

const warnings = mapping({
  leads: list('a list of durations, the longest first', duration())
    .optional()
    .describe('Users are warned so long before the rebuild, the longest first. Default: not at all.'),
  text: text('a text').optional().describe('What users read; {time}, {reason} and {contact} are filled in.'),
  reason: text('a text').optional().describe('For {reason}.'),
  contact: text('a text').optional().describe('For {contact}.'),
  requireDelivery: flag('Whom the first warning did not reach is left out. Default: false.'),
  topicArn: environmentText('the ARN of an SNS topic').optional().describe('An SNS topic that gets each warning too.'),
});

export const imageUpgrade = mapping({
  ...where,
  bundle: text('a bundle id: wsb-…').describe('The custom bundle that gets the new image: wsb-…'),
  image: text('an image id: wsi-…').describe('The new image: wsi-…'),
  ...selection,
  all: flag('All WorkSpaces of the bundle; notTags may go with it.'),
  maxResources,
  maxResourcesPercent: number('a number of percent')
    .optional()
    .describe('A plan that is for a larger share of the bundle’s WorkSpaces is refused.'),
  otherBundle: oneOf(['list', 'migrate'])
    .optional()
    .describe('Selected WorkSpaces on another bundle: only listed, or migrated. Default: list.'),
  waves: waves.optional().describe('A canary, waves, and the failures that stop them. Default: one wave.'),
  keepBundle: flag('The bundle keeps the new image when the run holds. Default: false.'),
  windows,
  windowPassed: oneOf(['wait', 'skip'])
    .optional()
    .describe('A WorkSpace whose window passes waits for the next, or is left out. Default: wait.'),
  warnings: warnings.optional().describe('What users are told before.'),
  connectedUsers: mapping({
    policy: connectedUsers('A WorkSpace whose user is connected at its turn. Default: proceed.'),
    wait: after('Wait at most so long. Default: 4h.'),
    afterWait: oneOf(['proceed', 'skip']).optional().describe('And then. Default: skip.'),
  })
    .optional()
    .describe('Users who are connected.'),
  maintenance: flag('Nobody can sign in, from when their WorkSpace’s turn is near, until its rebuild. Default: false.'),
  operatorTopicArn,
  approval: mapping({
    required: flag('The run waits for `holdfast upgrade approve`. Default: false.'),
    expires: after('It is refused after so long. Default: 1d.'),
  })
    .optional()
    .describe('Whether somebody must approve the plan.'),
  poll: after('The smallest distance between two looks at a WorkSpace. Default: 60s.'),
  waitTimeout: after('How long a WorkSpace waits for its snapshot. Default: 15h.'),
  maxConcurrent: maxConcurrent(`So many are rebuilt at once. Default: ${DEFAULTS.maxConcurrent}.`),
  quietMargin: after('A snapshot so much later than the user’s last connection is new enough. Default: 24h.'),
  maxDataLoss: after('Another snapshot is waited for rather than lose more of a user’s work. Default: no limit.'),
  settle: after('How long an unclear rebuild call is watched for an effect. Default: 5m.'),
  confirm: after('How often rebuilds under way are looked at. Default: 240s.'),
  rebuildTimeout: after('A rebuild that has not ended after so long is unconfirmed. Default: 4h.'),
  poolsToo: flag('Go on although WorkSpaces Pools use the bundle. Default: false.'),
  report,
  afterwards: mapping({
    deleteScheduleId: text('the id of a schedule').optional().describe('This Temporal schedule.'),
    deleteStackName: text('the name of a stack').optional().describe('This CloudFormation stack.'),
  })
    .optional()
    .describe('What to delete once the run has ended.'),
});

type Given = z.infer<typeof imageUpgrade>;

/** The run's input, to be judged by the run's own rules. */
export function upgradeInput(given: Given, target: Target): { readonly [Field in keyof ImageUpgradeInput]: unknown } {
  const { approval = {}, afterwards = {} } = given;
  return {
    target,
    bundleId: given.bundle,
    imageId: given.image,
    selection: selectionOf(given),
    maxResources: given.maxResources ?? null,
    maxResourcesPercent: given.maxResourcesPercent ?? null,
    otherBundle: given.otherBundle ?? DEFAULTS.otherBundle,
    waves: wavesOf(given.waves ?? {}),
    keepBundle: given.keepBundle ?? false,
    windows: windowRulesOf(given.windows),
    windowPassed: given.windowPassed ?? DEFAULTS.windowPassed,
    warnings: warningsOf(given.warnings ?? {}),
    connectedUsers: connectedOf(given.connectedUsers ?? {}),
    maintenance: given.maintenance ?? false,
    operatorTopicArn: given.operatorTopicArn ?? null,
    approval: {
      planHash: null,
      required: approval.required ?? false,
      expiresMinutes: inUnit(approval.expires, 'minutes', DEFAULTS.approval.expiresMinutes),
    },
    pollSeconds: inUnit(given.poll, 'seconds', DEFAULTS.pollSeconds),
    waitTimeoutMinutes: inUnit(given.waitTimeout, 'minutes', DEFAULTS.waitTimeoutMinutes),
    maxConcurrent: given.maxConcurrent ?? DEFAULTS.maxConcurrent,
    quietMarginHours: inUnit(given.quietMargin, 'hours', DEFAULTS.quietMarginHours),
    maxDataLossSeconds: inUnit(given.maxDataLoss, 'seconds', null),
    settleSeconds: inUnit(given.settle, 'seconds', DEFAULTS.settleSeconds),
    confirmSeconds: inUnit(given.confirm, 'seconds', DEFAULTS.confirmSeconds),
    rebuildTimeoutMinutes: inUnit(given.rebuildTimeout, 'minutes', DEFAULTS.rebuildTimeoutMinutes),
    poolsToo: given.poolsToo ?? false,
    report: reportOf(given.report, DEFAULTS.reportPrefix),
    afterwards: {
      deleteScheduleId: afterwards.deleteScheduleId ?? null,
      deleteStackName: afterwards.deleteStackName ?? null,
    },
  };
}

const wavesOf = ({ canary, sizes, soak, maxFailures, failureKinds }: NonNullable<Given['waves']>): object => ({
  canary:
    canary === undefined
      ? null
      : {
          size: String(canary.size),
          choose: canary.tag ? 'tag' : canary.workspaceIds ? 'list' : 'spread',
          tag: canary.tag ? (tagsOf(canary.tag)[0] ?? null) : null,
          workspaceIds: canary.workspaceIds ?? [],
        },
  sizes: (sizes ?? []).map(String),
  soakMinutes: inUnit(soak, 'minutes', DEFAULTS.waves.soakMinutes),
  maxFailures: maxFailures === undefined ? null : String(maxFailures),
  failureKinds: failureKinds ?? DEFAULTS.waves.failureKinds,
});

const warningsOf = ({ leads = [], ...given }: NonNullable<Given['warnings']>): object => ({
  leadSeconds: leads.map((lead) => inUnit(lead, 'seconds', lead)),
  text: given.text ?? DEFAULTS.warnings.text,
  reason: given.reason ?? DEFAULTS.warnings.reason,
  contact: given.contact ?? DEFAULTS.warnings.contact,
  requireDelivery: given.requireDelivery ?? false,
  topicArn: given.topicArn ?? null,
});

const connectedOf = ({ policy, wait, afterWait }: NonNullable<Given['connectedUsers']>): object => ({
  policy: policy ?? DEFAULTS.connectedUsers.policy,
  waitMinutes: inUnit(wait, 'minutes', DEFAULTS.connectedUsers.waitMinutes),
  afterWait: afterWait ?? DEFAULTS.connectedUsers.afterWait,
});

/** Where the file has what the run calls otherwise. */
export const UPGRADE_PLACES: Readonly<Record<string, string>> = {
  bundleId: 'bundle',
  imageId: 'image',
  'selection.allOf': 'tags',
  'selection.anyOf': 'anyTags',
  'selection.noneOf': 'notTags',
  'selection.workspaceIds': 'workspaceIds',
  'selection.directoryIds': 'directoryIds',
  'waves.soakMinutes': 'waves.soak',
  'waves.canary.choose': 'waves.canary',
  'warnings.leadSeconds': 'warnings.leads',
  'connectedUsers.waitMinutes': 'connectedUsers.wait',
  'approval.expiresMinutes': 'approval.expires',
  pollSeconds: 'poll',
  waitTimeoutMinutes: 'waitTimeout',
  quietMarginHours: 'quietMargin',
  maxDataLossSeconds: 'maxDataLoss',
  settleSeconds: 'settle',
  confirmSeconds: 'confirm',
  rebuildTimeoutMinutes: 'rebuildTimeout',
};

/** What is wrong with the selection; null: nothing. Nothing is selected by leaving a line out, or by an empty one. */
export function selectionProblem(given: Given): string | null {
  const { allOf, anyOf, workspaceIds, directoryIds } = selectionOf(given);
  const selects = { tags: allOf, anyTags: anyOf, workspaceIds, directoryIds };
  const named = Object.entries(selects).flatMap(([part, values]) => (part in given ? { part, values } : []));
  const [narrowing, empty] = [
    named.filter(({ values }) => values.length > 0),
    named.filter(({ values }) => !values[0]),
  ];
  if (given.all && narrowing.length > 0) {
    return `all is the whole bundle, which ${partsText(narrowing)} is not: give one of them`;
  }
  if (given.all || narrowing.length > 0) return null;
  const why = empty.length > 0 ? `, as ${partsText(empty)} has nothing in it` : '';
  return `does not say which WorkSpaces${why}: give tags, anyTags, workspaceIds or directoryIds, or all: true for the whole bundle`;
}

const partsText = (parts: readonly { readonly part: string }[]): string => parts.map(({ part }) => part).join(' and ');
