/** What a retention policy would keep of one WorkSpace over time, by the very rules that decide in a run. */
import { CAPABILITY_TAG, POLICY_TAG, RUN_TAG, WORKSPACE_TAG } from './holdfast-tags.ts';
import { decideRetention, type BackupImage, type RetentionPolicy, type RetentionReason } from './image-retention.ts';

export interface SimulatedRun {
  readonly at: string;
  /** When the images that exist after it were made, the newest first. */
  readonly kept: readonly string[];
  readonly deleted: readonly string[];
  /** Why it deleted nothing; null: it was not refused. */
  readonly refused: string | null;
}

export interface Simulation {
  readonly runs: readonly SimulatedRun[];
  /** The most after any run. While a run makes an image, there is one more. */
  readonly most: number;
  /** Age in days of the oldest at the end. */
  readonly oldestDays: number;
  /** What exists at the end, the newest first, and why. */
  readonly atEnd: readonly { readonly createdAt: string; readonly reasons: readonly RetentionReason[] }[];
}

const POLICY = 'simulated';
const TAGS = {
  [CAPABILITY_TAG]: 'imageBackup',
  [RUN_TAG]: 'simulation',
  [POLICY_TAG]: POLICY,
  [WORKSPACE_TAG]: 'ws-simulated',
};

const imageOf = (createdAt: string): BackupImage => ({
  imageId: createdAt,
  name: createdAt,
  state: 'AVAILABLE',
  createdAt,
  tags: TAGS,
  bundleIds: [],
  sharedWith: 0,
});

/** @param times when runs take place, ISO, the first one first; each makes an image and then deletes by the policy */
export function simulateRetention(policy: RetentionPolicy, times: readonly string[]): Simulation {
  let images: readonly BackupImage[] = [];
  let reasons: Simulation['atEnd'] = [];
  const runs = times.map((at): SimulatedRun => {
    images = [imageOf(at), ...images];
    const decided = decideRetention(policy, images, at, POLICY);
    const deleted = decided.decisions.flatMap(({ keep, imageId }) => (keep ? [] : imageId));
    reasons = decided.decisions.flatMap((each) =>
      each.keep ? { createdAt: each.imageId, reasons: each.reasons } : [],
    );
    images = images.filter((_, index) => decided.decisions[index]?.keep);
    const kept = images.map(({ createdAt }) => createdAt);
    return { at, kept, deleted, refused: decided.ok ? null : decided.refused };
  });
  const [newest, oldest] = [images.at(0)?.createdAt, images.at(-1)?.createdAt];
  return {
    runs,
    most: Math.max(0, ...runs.map(({ kept }) => kept.length)),
    oldestDays: newest && oldest ? (Date.parse(newest) - Date.parse(oldest)) / 86_400_000 : 0,
    atEnd: reasons,
  };
}
