/** What custodies and the queues of copies say to each other. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import {
  ASK_FOR_COPY,
  COPY_GRANTED,
  COPY_HINT,
  copyQueueId,
  GIVE_BACK_COPY,
  type CopyAsk,
  type CopyGrant,
  type CopyQueueInput,
  type CopyRequest,
  type CopyReturn,
} from '../domain/copy-queue.ts';
import type { CustodyHint } from '../domain/custody.ts';
import { TASK_QUEUE } from '../domain/target.ts';
import { alive } from './alive.ts';
import { gathering } from './gathered.ts';
import { calling, type RunsDeps } from './runs.ts';

/** What holders of places in a queue are told. */
export interface HolderNews {
  readonly grants: readonly CopyGrant[];
  readonly hints: readonly { readonly holder: string; readonly hint: CustodyHint }[];
}

interface Asking {
  readonly queue: CopyQueueInput;
  readonly ask: CopyRequest;
}

export const createCustodyMessagesActivities = ({ client }: RunsDeps) => {
  const send = gathering<Asking>(async (id, asking) => await ask(client, id, asking));
  return {
    /** Stands in the queue of copies, which is begun where there is none. The same again changes nothing. */
    async askForCopy({ ask: asked, ...queue }: CopyQueueInput & { readonly ask: CopyAsk }): Promise<void> {
      const id = copyQueueId(queue.source, queue.destinationRegion);
      await calling('ask for a copy', () => send(id, { queue, ask: { ...asked, limits: queue.limits } }));
    },
    ...tellers(client),
  };
};

async function ask(client: Client, workflowId: string, asking: readonly Asking[]): Promise<void> {
  const [first] = asking;
  if (!first) return;
  const { queue } = first;
  // In the order in which they came to ask, not in that of their activities.
  const asks = asking.map((each) => each.ask).toSorted((a, b) => a.at.localeCompare(b.at));
  await client.workflow.signalWithStart('copyQueue', {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [queue],
    signal: ASK_FOR_COPY,
    signalArgs: [asks],
    // Its work goes before that of the thousands that wait for it.
    priority: { priorityKey: 1 },
    staticSummary: `who copies from ${queue.source.account}/${queue.source.region} to ${queue.destinationRegion}`,
  });
}

const tellers = (client: Client) => ({
  /** Leaves the queue; where there is none any more, it is left already. */
  async giveBackCopy(input: {
    readonly queue: Pick<CopyQueueInput, 'source' | 'destinationRegion'>;
    readonly place: CopyReturn;
  }): Promise<void> {
    const id = copyQueueId(input.queue.source, input.queue.destinationRegion);
    await calling(
      'leave the queue of copies',
      async () => void (await signal(client, id, GIVE_BACK_COPY, input.place)),
    );
  },

  /** Tells each holder; those that do not run any more are told back. Told twice is as told once. */
  async tellHolders(input: HolderNews): Promise<{ readonly gone: string[] }> {
    const messages = [
      ...input.grants.map((grant) => ({ holder: grant.holder, name: COPY_GRANTED, message: grant as object })),
      ...input.hints.map(({ holder, hint }) => ({ holder, name: COPY_HINT, message: hint as object })),
    ];
    const gone = new Set<string>();
    await alive(async () => {
      for (let at = 0; at < messages.length; at += AT_ONCE) {
        const some = messages.slice(at, at + AT_ONCE);
        await Promise.all(
          some.map(async ({ holder, name, message }) => {
            const isThere = await calling(`tell ${holder}`, () => signal(client, holder, name, message));
            if (!isThere) gone.add(holder);
          }),
        );
      }
    });
    return { gone: [...gone] };
  },
});

const AT_ONCE = 20;

/** @returns whether there is such a workflow that runs */
async function signal(client: Client, workflowId: string, name: string, message: object): Promise<boolean> {
  try {
    await client.workflow.getHandle(workflowId).signal(name, message);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
