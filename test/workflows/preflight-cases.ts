/** What a preflight refuses, and the calls that it needs permission for. */
import type { ImageUpgradeInput } from '../../domain/image-upgrade.ts';
import { NO_SELECTION, type Selection } from '../../domain/selection.ts';
import type { Problem } from '../../domain/upgrade-plan.ts';
import { WELL_KNOWN } from '../../sandbox/scenarios.ts';
import {
  amazonBundle,
  bucketIn,
  bundleIs,
  imageIs,
  keyIs,
  poolOnBundle,
  topicOfNobody,
  type Trouble,
} from '../rig/troubles.ts';
import { upgradeInput, warned } from '../rig/upgrade.ts';

const { account, region } = WELL_KNOWN;

export interface Case {
  readonly title: string;
  readonly trouble?: Trouble;
  readonly input?: Partial<ImageUpgradeInput>;
  readonly code: Problem['code'];
  readonly says: RegExp;
}

export const report = (changes: Partial<ImageUpgradeInput['report']>): Partial<ImageUpgradeInput> => ({
  report: { ...upgradeInput().report, ...changes },
});
export const afterwards = (changes: Partial<ImageUpgradeInput['afterwards']>): Partial<ImageUpgradeInput> => ({
  afterwards: { ...upgradeInput().afterwards, ...changes },
});
const select = (changes: Partial<Selection>): Partial<ImageUpgradeInput> => ({
  selection: { ...NO_SELECTION, ...changes },
});
const nobody = { size: '1', choose: 'tag' as const, tag: { key: 'Ring', value: 'canary' }, workspaceIds: [] };
export const keyArn = (id: string): string => `arn:aws:kms:${region}:${account}:key/${id}`;

export const CASES: readonly Case[] = [
  {
    title: 'a bundle that does not exist',
    input: { bundleId: 'wsb-0nobody001' },
    code: 'bundle',
    says: /wsb-0nobody001 does not exist in 111122223333\/eu-central-1/,
  },
  {
    title: 'a bundle of AWS’s own',
    trouble: amazonBundle,
    input: { bundleId: 'wsb-0amazon001' },
    code: 'bundle',
    says: /wsb-0amazon001 belongs to AMAZON/,
  },
  { title: 'a bundle that is not AVAILABLE', trouble: bundleIs('PENDING'), code: 'bundle', says: /is PENDING/ },
  {
    title: 'an image that does not exist',
    input: { imageId: 'wsi-0nobody001' },
    code: 'image',
    says: /wsi-0nobody001 does not exist/,
  },
  { title: 'an image that is being made', trouble: imageIs({ state: 'PENDING' }), code: 'image', says: /is PENDING/ },
  { title: 'an image that failed', trouble: imageIs({ state: 'ERROR' }), code: 'image', says: /is ERROR/ },
  {
    title: 'an image of another operating system',
    trouble: imageIs({ operatingSystem: 'LINUX' }),
    code: 'operatingSystem',
    says: /is LINUX, the bundle’s present image wsi-0fleet0001 is WINDOWS/,
  },
  {
    title: 'a bucket that does not exist',
    input: report({ bucket: 'no-such-bucket' }),
    code: 'reportBucket',
    says: /no-such-bucket does not exist/,
  },
  {
    title: 'a bucket of another account',
    trouble: bucketIn({ account: '999988887777', region }),
    input: report({ bucket: 'another-bucket' }),
    code: 'reportBucket',
    says: /belongs to another account than 111122223333, or/,
  },
  {
    title: 'a bucket in another Region',
    trouble: bucketIn({ account, region: 'eu-west-1' }),
    input: report({ bucket: 'another-bucket' }),
    code: 'reportBucket',
    says: /is not in eu-central-1/,
  },
  {
    title: 'a key that is disabled',
    trouble: keyIs('Disabled'),
    input: report({ kmsKeyArn: keyArn('key-Disabled') }),
    code: 'reportKey',
    says: /key-Disabled is Disabled/,
  },
  {
    title: 'a key that is to be deleted',
    trouble: keyIs('PendingDeletion'),
    input: report({ kmsKeyArn: keyArn('key-PendingDeletion') }),
    code: 'reportKey',
    says: /is PendingDeletion/,
  },
  {
    title: 'a key that does not exist',
    input: report({ kmsKeyArn: keyArn('11110000-1111-4111-8111-111111111111') }),
    code: 'reportKey',
    says: /is NotFound/,
  },
  {
    title: 'Pools that use the bundle',
    trouble: poolOnBundle,
    code: 'pools',
    says: /wspool-0pool0001; allow it with --pools-too/,
  },
  {
    title: 'a stack that does not exist',
    input: afterwards({ deleteStackName: 'no-such-stack' }),
    code: 'stack',
    says: /no-such-stack does not exist/,
  },
  {
    title: 'a schedule that does not exist',
    input: afterwards({ deleteScheduleId: 'no-such-schedule' }),
    code: 'schedule',
    says: /no-such-schedule does not exist/,
  },
  {
    title: 'a topic that does not exist',
    input: { operatorTopicArn: `${WELL_KNOWN.topicArn}-none` },
    code: 'topic',
    says: /topic arn:aws:sns:.*:holdfast-operators-none does not exist/,
  },
  {
    title: 'a topic that nobody has subscribed to',
    trouble: topicOfNobody,
    input: { warnings: { ...upgradeInput().warnings, topicArn: `${WELL_KNOWN.topicArn}-nobody` } },
    code: 'topic',
    says: /holdfast-operators-nobody has no confirmed subscription/,
  },
  {
    title: 'more WorkSpaces, and a larger share of the bundle, than may be touched',
    input: { maxResources: 1, maxResourcesPercent: 99.5 },
    code: 'tooMany',
    says: /2 WorkSpaces would be upgraded: at most 1 may be; that is 100 % of the 2 on wsb-0fleet0001, at most 99.5 % may/,
  },
  {
    title: 'another plan than the one that was approved',
    input: { approval: { ...upgradeInput().approval, planHash: 'f'.repeat(64) } },
    code: 'planChanged',
    says: /plan f{64} was to be run, and what would be done now is plan [0-9a-f]{64}/,
  },
  {
    title: 'ids of WorkSpaces that do not exist',
    input: select({ workspaceIds: ['ws-0nobody001', 'ws-0nobody002'] }),
    code: 'selection',
    says: /do not exist in 111122223333\/eu-central-1: ws-0nobody001, ws-0nobody002; leave them out/,
  },
  {
    title: 'directories that do not exist',
    input: select({ directoryIds: ['d-0123456789'] }),
    code: 'selection',
    says: /directories do not exist in 111122223333\/eu-central-1: d-0123456789/,
  },
  {
    title: 'a canary that nobody is in',
    input: { waves: { ...upgradeInput().waves, canary: nobody } },
    code: 'selection',
    says: /Ring=canary.*there is no canary; choose it otherwise, or start without one/,
  },
];

/** Each call that a preflight makes, and what makes it make that call. */
export const DENIED: readonly (readonly [service: string, operation: string, input?: Partial<ImageUpgradeInput>])[] = [
  ['workspaces', 'DescribeWorkspaceBundles'],
  ['workspaces', 'DescribeWorkspaceImages'],
  ['workspaces', 'DescribeWorkspacesPools'],
  ['workspaces', 'DescribeWorkspaces'],
  ['workspaces', 'DescribeWorkspaceDirectories'],
  ['tagging', 'GetResources'],
  ['ssm', 'DescribeInstanceInformation', warned(60)],
  ['sns', 'GetTopicAttributes', { operatorTopicArn: WELL_KNOWN.topicArn }],
  ['cloudformation', 'DescribeStacks', afterwards({ deleteStackName: WELL_KNOWN.stackName })],
];
