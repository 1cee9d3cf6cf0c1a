/**
 * Keeps the order in which copies out of an account's Region to another Region begin, and tells whose copy has ended: it
 * asks AWS once for all. It runs while anybody waits or copies, and some time longer.
 */
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { CopyQueue, type CopyGrant, type CopyQueueInput } from '../domain/copy-queue.ts';
import type { PackedCopyQueue } from '../domain/packed-copy-queue.ts';
import { copyListings, holderCalls, quickCalls } from './activities.ts';
import { askForCopySignal, copyPlaceQuery, copyQueueStatusQuery, giveBackCopySignal } from './copy-queue.messages.ts';
import { troubleOf } from './failures.ts';

/** Every custody's start waits for it: a worker that has lost it from its cache must read its history again in no time. */
const LONG = 2_000;
/** While others wait for a place, and while nobody does. */
const LOOK_EVERY = 30_000;
const LOOK_UNHURRIED = 60_000;
/** Who has held a place for five minutes may not run any more. */
const DOUBTFUL_AFTER = 10;

const isLong = (): boolean => workflowInfo().continueAsNewSuggested || workflowInfo().historyLength >= LONG;

interface QueueRun {
  readonly input: CopyQueueInput;
  readonly queue: CopyQueue;
  /** Asked again although they have their turn: they may not have heard of it. */
  again: CopyGrant[];
  trouble: string | null;
  /** Nothing more is granted in this history. */
  isOver: boolean;
}

export async function copyQueue(input: CopyQueueInput, carried?: PackedCopyQueue): Promise<void> {
  const queue = new CopyQueue(input.limits, carried);
  const run: QueueRun = { input, queue, again: [], trouble: null, isOver: false };
  setHandler(askForCopySignal, (asks) => {
    for (const ask of asks) {
      if (queue.ask(ask)) run.again.push({ holder: ask.holder, destinationVaultArn: ask.destinationVaultArn });
    }
  });
  setHandler(giveBackCopySignal, (place) => queue.giveBack(place));
  setHandler(copyPlaceQuery, (copy) => queue.placeOf(copy));
  setHandler(copyQueueStatusQuery, () => ({
    copying: queue.copying,
    waiting: queue.waiting,
    isCareful: queue.isCareful,
    trouble: run.trouble,
  }));
  await Promise.all([grantInOrder(run).finally(() => (run.isOver = true)), lookForEnded(run)]);
  await condition(allHandlersFinished);
  if (!queue.isEmpty || isLong()) await continueAsNew<typeof copyQueue>(input, queue.pack());
}

/** @returns when the history is long, or nobody has asked for a while */
async function grantInOrder(run: QueueRun): Promise<void> {
  const { queue } = run;
  while (!isLong()) {
    const grants = [...run.again, ...queue.grant()];
    run.again = [];
    show(run);
    if (grants.length > 0) {
      const { gone } = await holderCalls.tellHolders({ grants, hints: [] });
      queue.forget(gone);
      continue;
    }
    const isWork = () => run.again.length > 0 || queue.canGrant || isLong();
    if (!queue.isEmpty) await condition(() => isWork() || queue.isEmpty);
    else if (!(await condition(isWork, '10 minutes'))) return;
  }
}

/** While anybody copies. */
async function lookForEnded(run: QueueRun): Promise<void> {
  const { queue } = run;
  for (;;) {
    await condition(() => queue.copying.length > 0 || run.isOver);
    const pause = queue.waiting.length > 0 ? LOOK_EVERY : LOOK_UNHURRIED;
    if (run.isOver || (await condition(() => run.isOver, pause))) return;
    if (queue.copying.length > 0) await look(run);
  }
}

async function look(run: QueueRun): Promise<void> {
  const { source, destinationRegion } = run.input;
  const { queue } = run;
  try {
    const { since, seen } = queue;
    const { at, jobs } = await copyListings.endedCopies({ source, destinationRegion, since, seen });
    const hints = queue.ended(at, jobs);
    if (hints.length > 0) await holderCalls.tellHolders({ grants: [], hints });
    const doubtful = queue.doubtful(DOUBTFUL_AFTER);
    if (doubtful.length > 0) queue.forget((await quickCalls.endedRuns({ workflowIds: doubtful })).ended);
    run.trouble = null;
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    run.trouble = trouble.message;
  }
}

function show({ input, queue, trouble }: QueueRun): void {
  const { copying, waiting, isCareful } = queue;
  setCurrentDetails(
    [
      `${copying.length} copy to ${input.destinationRegion}, ${waiting.length} wait`,
      ...(isCareful ? ['AWS has refused a copy as one too many: no more are started than may run, for an hour'] : []),
      ...(trouble === null ? [] : [`AWS cannot be asked what has ended: ${trouble}`]),
    ].join('\n\n'),
  );
}
