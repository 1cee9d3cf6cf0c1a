/** What each way back would bring, and what it would lose. */
import { STRATEGIES, type ImageRestoreInput, type Strategy } from './image-restore.ts';
import { costOf, PRICES } from './prices.ts';
import { restoreChecks, snapshotsFor, type RestoreCheck } from './restore-checks.ts';
import type { RestoreFacts } from './restore-facts.ts';
import { newest, nextDue } from './snapshots.ts';

export const ASPECTS = [
  'root volume',
  'user volume',
  'id',
  'IP address',
  'computer name',
  'running mode',
  'tags',
] as const;
export type Aspect = (typeof ASPECTS)[number];

/** `lost`: what was there is gone; `back`: as it was at an earlier time; `changes`: another value takes its place. */
export interface Fate {
  readonly fate: 'kept' | 'back' | 'lost' | 'changes';
  readonly detail: string;
}

const kept = (detail = 'stays'): Fate => ({ fate: 'kept', detail });
const back = (detail: string): Fate => ({ fate: 'back', detail });
const changes = (detail: string): Fate => ({ fate: 'changes', detail });

const FROM_IMAGE = back('as the image');
const USER_SNAPSHOT = back('as its last snapshot; what its user did since is lost');
const NEW_ID = changes('new');

/** AWS's pages on migrating, rebuilding and restoring say so. https://docs.aws.amazon.com/workspaces/latest/adminguide/restore-workspace.html */
const FATES: Readonly<Record<Strategy, Readonly<Record<Aspect, Fate>>>> = {
  image: {
    'root volume': FROM_IMAGE,
    'user volume': USER_SNAPSHOT,
    id: NEW_ID,
    'IP address': NEW_ID,
    'computer name': NEW_ID,
    'running mode': kept('AWS carries it over; put back where it did not'),
    tags: kept('AWS carries them over; put back where it did not'),
  },
  recreate: {
    'root volume': FROM_IMAGE,
    'user volume': { fate: 'lost', detail: 'destroyed, with all that its user kept there; the new one is empty' },
    id: NEW_ID,
    'IP address': NEW_ID,
    'computer name': NEW_ID,
    'running mode': kept('put back'),
    tags: kept('put back'),
  },
  snapshot: {
    'root volume': back('as the last snapshot of both volumes'),
    'user volume': back('as the last snapshot of both volumes; what its user did since is lost'),
    id: kept(),
    'IP address': changes('may be another'),
    'computer name': kept(),
    'running mode': kept(),
    tags: kept(),
  },
  rebuild: {
    'root volume': back('as the image that its bundle carries now'),
    'user volume': USER_SNAPSHOT,
    id: kept(),
    'IP address': NEW_ID,
    'computer name': kept(),
    'running mode': kept(),
    tags: kept(),
  },
  copy: {
    'root volume': kept('the second WorkSpace has the image'),
    'user volume': kept('that of the second WorkSpace is empty'),
    id: kept('the second WorkSpace has its own'),
    'IP address': kept('the second WorkSpace has its own'),
    'computer name': kept('the second WorkSpace has its own'),
    'running mode': kept('the second WorkSpace gets the same'),
    tags: kept('the second WorkSpace gets those of the run only'),
  },
};

export interface RestoredFrom {
  readonly what: 'image' | 'snapshot' | 'bundle';
  /** The time it shows; null: AWS does not say. */
  readonly of: string | null;
  readonly ageSeconds: number | null;
}

export interface StrategyPlan {
  readonly strategy: Strategy;
  readonly fates: Readonly<Record<Aspect, Fate>>;
  /** Null: the volume is not brought back. */
  readonly root: RestoredFrom | null;
  readonly user: RestoredFrom | null;
  /** When AWS's next snapshot is due to replace the one that would be used; null: none is used, or there is none. */
  readonly nextSnapshotAt: string | null;
  readonly checks: readonly RestoreCheck[];
  /** Nothing that a person could not still say stands in its way. */
  readonly possible: boolean;
  /** `recreate`: size of the user volume that is destroyed, in GiB. */
  readonly userVolumeLostGib: number | null;
  readonly cost: RestoreCost;
}

export interface RestoreCost {
  /** Of AWS's calls alone. */
  readonly amount: number;
  readonly currency: string;
  readonly pricesOf: string;
  /** What the amount holds and what it does not, a sentence each. */
  readonly assumptions: readonly string[];
}

export interface RestorePlan {
  readonly at: string;
  readonly facts: RestoreFacts;
  readonly strategies: readonly StrategyPlan[];
}

/** A plan of every strategy for the same WorkSpace; those that need an image ask for one where none is given. */
export const restorePlan = (input: ImageRestoreInput, facts: RestoreFacts): RestorePlan => ({
  at: facts.at,
  facts,
  strategies: STRATEGIES.map((strategy) => strategyPlan(asFor(strategy, input), facts)),
});

/** The same restore by another strategy: what belongs to the one that was chosen is not asked of the others. */
const asFor = (strategy: Strategy, input: ImageRestoreInput): ImageRestoreInput =>
  strategy === input.strategy ? input : { ...input, strategy, canary: false, lastImage: false };

function strategyPlan(input: ImageRestoreInput, facts: RestoreFacts): StrategyPlan {
  const { strategy } = input;
  const checks = restoreChecks(input, facts);
  const times = snapshotsFor(strategy, facts);
  const latest = times === null ? null : newest(times);
  const due = nextDue(latest);
  const gib = facts.desktop?.settings.userGib ?? null;
  return {
    strategy,
    fates: FATES[strategy],
    root: rootOf(strategy, facts, latest),
    user: times === null ? null : from('snapshot', latest, facts.at),
    nextSnapshotAt: due === null ? null : new Date(due).toISOString(),
    checks,
    possible: checks.every(({ verdict }) => verdict !== 'refused'),
    userVolumeLostGib: strategy === 'recreate' ? gib : null,
    cost: costOfRestore(input, facts),
  };
}

function rootOf(strategy: Strategy, facts: RestoreFacts, latest: string | null): RestoredFrom | null {
  if (strategy === 'copy') return null;
  if (strategy === 'snapshot') return from('snapshot', latest, facts.at);
  if (strategy === 'rebuild') return from('bundle', facts.presentImage?.createdAt ?? null, facts.at);
  return from('image', facts.image?.createdAt ?? null, facts.at);
}

function from(what: RestoredFrom['what'], of: string | null, at: string): RestoredFrom {
  return { what, of, ageSeconds: of === null ? null : Math.max(0, (Date.parse(at) - Date.parse(of)) / 1000) };
}

/** Reports: two files, and the check that they can be written. Operators are told at most of these: needed, begun, ended. */
const CALLS = { s3Write: 4, s3Read: 1, s3Delete: 0, kms: 2, snsPublish: 3 };

function costOfRestore({ strategy, canary, lastImage }: ImageRestoreInput, { desktop }: RestoreFacts): RestoreCost {
  const kind = `${desktop?.settings.computeType ?? 'the same compute type'}, ${desktop?.settings.runningMode ?? 'the same running mode'}`;
  const assumptions = ['WorkSpaces calls are free; counted are those to S3, KMS and SNS at the prices of us-east-1'];
  if (strategy === 'recreate') {
    assumptions.push(
      `not counted: AWS may bill the month of the WorkSpace that goes and of the one that comes (${kind})`,
    );
  }
  if (strategy === 'copy') {
    assumptions.push(
      `not counted: the second WorkSpace costs what AWS asks for one (${kind}) until somebody removes it`,
    );
  }
  if (canary)
    assumptions.push(`not counted: AWS may bill a month of the canary (${kind}), which is removed at the end`);
  if (lastImage) assumptions.push('the last image takes one place of the Region’s quota of images until it is deleted');
  return { amount: costOf(CALLS), currency: PRICES.currency, pricesOf: PRICES.date, assumptions };
}
