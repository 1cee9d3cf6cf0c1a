/** What a preflight checks besides the fleet: bundle and images, the report's place, topics, and what to remove afterwards. */
import type { Image } from '../activities/bundle-reads.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { Bundle } from '../domain/rebuild-gate.ts';
import { isRestoreBundle } from '../domain/restore-names.ts';
import type { Target } from '../domain/target.ts';
import type { Problem } from '../domain/upgrade-plan.ts';
import { quickCalls, workspacesCalls } from './activities.ts';

/** Where problems of some kinds go, whatever other kinds may be there. */
interface Found<C extends string> {
  push(problem: { readonly code: C; readonly message: string }): unknown;
}

/** Each null: AWS does not know it. */
export interface Images {
  readonly bundle: Bundle | null;
  /** The new one. */
  readonly image: Image | null;
  /** The one that the bundle carries. */
  readonly present: Image | null;
}

export async function checkBundleAndImage(input: ImageUpgradeInput, problems: Problem[]): Promise<Images> {
  const { target, bundleId, imageId } = input;
  const where = `in ${target.account}/${target.region}`;
  const { bundle } = await workspacesCalls(target).describeBundle({ target, bundleId });
  const say = (code: Problem['code'], message: string): void => void problems.push({ code, message });
  if (!bundle) {
    say('bundle', `bundle ${bundleId} does not exist ${where}: give a custom bundle of this account and Region`);
  } else if (bundle.ownerAccount !== target.account) {
    say(
      'bundle',
      `bundle ${bundleId} belongs to ${bundle.ownerAccount ?? 'nobody'}: only a custom bundle of ${target.account} can be set to an image`,
    );
  } else if (isRestoreBundle(bundle.name)) {
    say(
      'bundle',
      `bundle ${bundleId} was made for a restore, and is never set to another image: migrate its WorkSpace to the fleet’s own bundle with --other-bundle migrate`,
    );
  } else if (bundle.state !== 'AVAILABLE') {
    say('bundle', `bundle ${bundleId} is ${bundle.state}: it must be AVAILABLE; wait, or mend it`);
  }
  const wanted = [...new Set([imageId, bundle?.imageId ?? imageId])];
  const images = await workspacesCalls(target).describeImages({ target, imageIds: wanted });
  const image = images.find((each) => each.imageId === imageId) ?? null;
  const present = images.find((each) => each.imageId === bundle?.imageId) ?? null;
  if (!image) {
    say('image', `image ${imageId} does not exist ${where}: give an image of this account and Region`);
  } else if (image.state !== 'AVAILABLE') {
    say(
      'image',
      `image ${imageId} is ${image.state}: it must be AVAILABLE; wait until AWS has made it, or make another`,
    );
  } else if (present && present.operatingSystem !== image.operatingSystem) {
    const [old, other] = [present.operatingSystem ?? 'unknown', image.operatingSystem ?? 'unknown'];
    say(
      'operatingSystem',
      `image ${imageId} is ${other}, the bundle’s present image ${present.imageId} is ${old}: they must be equal`,
    );
  }
  return { bundle, image, present };
}

export async function checkReport(
  input: Pick<ImageUpgradeInput, 'target' | 'report'>,
  write: boolean,
  problems: Found<'reportKey' | 'reportBucket'>,
): Promise<void> {
  const { target, report } = input;
  const state = report.kmsKeyArn
    ? (await quickCalls.describeKey({ target, keyId: report.kmsKeyArn })).state
    : 'Enabled';
  const keyUsable = state === 'Enabled' || state === 'AccessDenied';
  if (!keyUsable) {
    const message = `the report key ${report.kmsKeyArn} is ${state}: give an enabled key, or none`;
    problems.push({ code: 'reportKey', message });
  }
  // With such a key a write fails whatever the bucket is like.
  const { problem } = await quickCalls.checkReportBucket({ target, report, write: write && keyUsable });
  if (problem) problems.push({ code: 'reportBucket', message: problem });
}

export async function checkAfterwards(input: ImageUpgradeInput, problems: Problem[]): Promise<void> {
  const { deleteScheduleId, deleteStackName } = input.afterwards;
  if (deleteScheduleId !== null && !(await quickCalls.scheduleExists({ scheduleId: deleteScheduleId }))) {
    const message = `schedule ${deleteScheduleId} does not exist: give the one that starts this run, or none`;
    problems.push({ code: 'schedule', message });
  }
  const { target } = input;
  if (deleteStackName !== null && !(await quickCalls.stackExists({ target, stackName: deleteStackName }))) {
    const message = `stack ${deleteStackName} does not exist in ${target.account}/${target.region}: give its name, or none`;
    problems.push({ code: 'stack', message });
  }
}

export async function checkTopics(input: ImageUpgradeInput, problems: Problem[]): Promise<void> {
  const { warnings, operatorTopicArn } = input;
  await checkGivenTopics(input.target, [warnings.topicArn, operatorTopicArn], problems);
}

export async function checkGivenTopics(
  target: Target,
  topicArns: readonly (string | null)[],
  problems: Found<'topic'>,
): Promise<void> {
  const given = topicArns.filter((topicArn) => topicArn !== null);
  for (const topicArn of new Set(given)) {
    const { problem } = await quickCalls.topicProblem({ target, topicArn });
    if (problem) problems.push({ code: 'topic', message: problem });
  }
}
