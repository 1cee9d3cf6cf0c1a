/**
 * Writes the settled points of a vault into the index, many at a time, and tells their custodies. It runs while there are
 * any, and some time longer. Nothing is lost with it: a custody that is not told asks again.
 */
import {
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { VaultRef } from '../domain/custody.ts';
import { dayOf } from '../domain/evidence-keys.ts';
import type { CustodyIndexInput, SettledPoint } from '../domain/evidence-messages.ts';
import type { EvidencePlace } from '../domain/evidence.ts';
import { indexWrites, tellings } from './activities.ts';
import { custodyIndexStatusQuery, settledSignal } from './custody-index.messages.ts';
import { troubleOf } from './failures.ts';

const GATHER = 60_000;
/** Of one write: some 200 KB, of the 2 MB that Temporal takes. */
const MOST = 250;
/** More are not carried into a new history: those that are left out ask again. */
const CARRIED = 2 * MOST;
const LONG = 2_000;
const FIRST_PAUSE = 60_000;
const LONGEST_PAUSE = 30 * 60_000;

const isLong = (): boolean => workflowInfo().continueAsNewSuggested || workflowInfo().historyLength >= LONG;

interface IndexRun {
  readonly input: CustodyIndexInput;
  /** By the custody that waits. */
  readonly open: Map<string, SettledPoint>;
  /** The same of days that could not be written: they are tried again later, while others go on. */
  readonly stuck: Map<string, SettledPoint>;
  /** How long the stuck ones rest. */
  pause: number;
  trouble: string | null;
  /** What is shown of it; null: what an earlier history has shown. */
  shown: 'ok' | 'retrying' | null;
  /** Nothing more is written in this history. */
  isOver: boolean;
}

export async function custodyIndex(input: CustodyIndexInput): Promise<void> {
  const open = new Map(input.open.map((point) => [point.holder, point]));
  const stuck = new Map<string, SettledPoint>();
  const shown = open.size > 0 ? null : 'ok';
  const run: IndexRun = { input, open, stuck, pause: FIRST_PAUSE, trouble: null, shown, isOver: false };
  setHandler(settledSignal, (points) => {
    for (const point of points) (stuck.has(point.holder) ? stuck : open).set(point.holder, point);
  });
  setHandler(custodyIndexStatusQuery, () => ({ open: open.size + stuck.size, trouble: run.trouble }));
  await Promise.all([writeInOrder(run).finally(() => (run.isOver = true)), tryStuckAgain(run)]);
  if (open.size + stuck.size > 0 || isLong()) {
    const carried = [...open.values(), ...stuck.values()].slice(0, CARRIED);
    await continueAsNew<typeof custodyIndex>({ ...input, open: carried });
  }
}

/** @returns when the history is long, or there were none for a while */
async function writeInOrder(run: IndexRun): Promise<void> {
  const { open, stuck } = run;
  while (!isLong()) {
    const isWork = () => open.size > 0 || isLong();
    if (stuck.size > 0) await condition(isWork);
    else if (!(await condition(isWork, '10 minutes'))) return;
    await condition(() => open.size >= MOST || isLong(), GATHER);
    await write(run);
  }
  while (open.size > CARRIED && run.trouble === null) await write(run);
}

async function tryStuckAgain(run: IndexRun): Promise<void> {
  const { open, stuck } = run;
  for (;;) {
    await condition(() => stuck.size > 0 || run.isOver);
    if (run.isOver || (await condition(() => run.isOver, run.pause))) return;
    run.pause = Math.min(2 * run.pause, LONGEST_PAUSE);
    for (const [holder, point] of stuck) if (!open.has(holder)) open.set(holder, point);
    stuck.clear();
  }
}

/** Those that were first, and go to the same place. */
async function write(run: IndexRun): Promise<void> {
  const { input, open, stuck } = run;
  const [first] = open.values();
  if (!first) return;
  const { evidence } = first;
  const place = JSON.stringify(evidence);
  const some = [...open.values()].filter((point) => JSON.stringify(point.evidence) === place).slice(0, MOST);
  const { failed, trouble } = await append(input.vault, evidence, some);
  for (const point of some) if (open.get(point.holder) === point) open.delete(point.holder);
  for (const point of failed) if (!open.has(point.holder)) stuck.set(point.holder, point);
  if (stuck.size === 0) run.pause = FIRST_PAUSE;
  say(run, stuck.size === 0 ? null : (trouble ?? run.trouble));
  const written = some.filter((point) => !failed.includes(point));
  if (written.length > 0) await tellings.tellIndexed({ holders: written.map(({ holder }) => holder) });
}

/** @returns those that are not written, and why */
async function append(
  vault: VaultRef,
  evidence: EvidencePlace,
  points: readonly SettledPoint[],
): Promise<{ readonly failed: readonly SettledPoint[]; readonly trouble: string | null }> {
  try {
    const { failed } = await indexWrites.appendIndex({ evidence, vault, entries: points.map(({ entry }) => entry) });
    const days = failed.map(({ day }) => day);
    return {
      failed: points.filter(({ entry }) => days.includes(dayOf(entry.createdAt))),
      trouble: failed[0]?.why ?? null,
    };
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    return { failed: points, trouble: trouble.message };
  }
}

function say(run: IndexRun, trouble: string | null): void {
  const { account, region, vault } = run.input.vault;
  const health = trouble === null ? 'ok' : 'retrying';
  if (run.shown !== health) {
    upsertSearchAttributes({
      HoldfastCapability: ['custody-index'],
      HoldfastHealth: [health],
      HoldfastAccount: [account],
      HoldfastRegion: [region],
      HoldfastResource: [vault],
    });
  }
  run.shown = health;
  run.trouble = trouble;
  const waiting = `${run.open.size + run.stuck.size} settled points of \`${vault}\` wait to be written`;
  setCurrentDetails(trouble === null ? waiting : `${waiting}\n\nTried again: ${trouble}`);
}
