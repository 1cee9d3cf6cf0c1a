/** Keeps the locks of one account and Region. It runs while any is held, and ends when none was for a while. */
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { LockAnswer, LockExchange } from '../domain/workspace-locks.ts';
import { exchangeLocksUpdate, locksQuery } from './workspace-locks.messages.ts';

export interface WorkspaceLocksInput {
  /** Workflow id by WorkSpace id, carried over by continue-as-new. */
  readonly held: Readonly<Record<string, string>>;
}

/**
 * All cohorts of all runs wait for it: a worker that has lost it from its cache must read its history again in much less
 * than the ten seconds that Temporal gives it for an answer.
 */
const LONG = 1_000;

const isLong = (): boolean => workflowInfo().continueAsNewSuggested || workflowInfo().historyLength >= LONG;

export async function workspaceLocks(input: WorkspaceLocksInput): Promise<void> {
  const held = new Map(Object.entries(input.held));

  setHandler(locksQuery, () => Object.fromEntries(held));
  setHandler(exchangeLocksUpdate, (exchange) => {
    const answer = exchangeLocks(held, exchange);
    setCurrentDetails(`${held.size} WorkSpaces are locked`);
    return answer;
  });

  for (;;) {
    const asked = await condition(() => held.size > 0, '10 minutes');
    if (!asked) break;
    await condition(() => held.size === 0 || isLong());
    if (isLong()) break;
  }
  await condition(allHandlersFinished);
  if (held.size > 0 || isLong()) {
    await continueAsNew<typeof workspaceLocks>({ held: Object.fromEntries(held) });
  }
}

function exchangeLocks(held: Map<string, string>, { holder, release, acquire, evict }: LockExchange): LockAnswer {
  for (const [id, by] of held) if (evict.includes(by)) held.delete(id);
  for (const id of release) if (held.get(id) === holder) held.delete(id);
  const granted: string[] = [];
  const refused: { workspaceId: string; holder: string }[] = [];
  for (const workspaceId of acquire) {
    const by = held.get(workspaceId) ?? holder;
    if (by === holder) granted.push(workspaceId);
    else refused.push({ workspaceId, holder: by });
  }
  for (const id of granted) held.set(id, holder);
  return { granted, refused };
}
