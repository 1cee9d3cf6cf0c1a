/** Messages to a workflow that thousands of others turn to at the same time. */
import { setTimeout as delay } from 'node:timers/promises';

/** One message each would keep such a workflow from its work: its next step waits for every message before it. */
const MESSAGE_EVERY_MS = 1_000;
const MOST_GATHERED = 500;

interface Gathered<Message> {
  readonly messages: Message[];
  readonly sent: Promise<void>;
}

/** Gathers what is to be sent to each workflow into one message a second. @returns settles when it is sent */
export function gathering<Message>(
  send: (workflowId: string, messages: readonly Message[]) => Promise<void>,
): (workflowId: string, message: Message) => Promise<void> {
  const gathered = new Map<string, Gathered<Message>>();
  const lastSent = new Map<string, number>();
  const begin = (id: string): Gathered<Message> => {
    const messages: Message[] = [];
    const begun: Gathered<Message> = {
      messages,
      sent: delay(Math.max(0, (lastSent.get(id) ?? 0) + MESSAGE_EVERY_MS - Date.now())).then(async () => {
        if (gathered.get(id) === begun) gathered.delete(id);
        lastSent.set(id, Date.now());
        await send(id, messages);
      }),
    };
    gathered.set(id, begun);
    return begun;
  };
  return async (id, message) => {
    const known = gathered.get(id);
    const { messages, sent } = known && known.messages.length < MOST_GATHERED ? known : begin(id);
    messages.push(message);
    await sent;
  };
}
