/** Messages of a queue, in the order in which they can be seen. */
import type { World } from '../../service.ts';
import type { Table } from '../../store.ts';
import { Heap } from '../../heap.ts';
import type { Queue } from './queues.ts';

export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  /** Base64: rows are plain JSON. */
  readonly binary?: string;
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly senderId: string;
  readonly sentAt: number;
  /** Nobody sees it until then: it is delayed, or somebody has received it. */
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt: number | null;
  /** The handle of its last receipt. */
  receipt: string | null;
  /** The queue whose dead letter it is. */
  readonly deadLetterOf: string | null;
}

export const messages = (world: World, { account, region, name }: Queue): Table<Message> =>
  world.store.table(account, region, `sqs.messages/${name}`);

interface Place {
  readonly id: string;
  readonly visibleAt: number;
}

/** By when they can be seen; an entry whose message has another time by now, or is gone, counts no more. */
const orders = new WeakMap<Table<Message>, Heap<Place>>();

function orderOf(table: Table<Message>): Heap<Place> {
  const known = orders.get(table);
  if (known) return known;
  const order = new Heap<Place>((a, b) => a.visibleAt - b.visibleAt);
  for (const { id, visibleAt } of table.values()) order.push({ id, visibleAt });
  orders.set(table, order);
  return order;
}

export function putMessage(table: Table<Message>, message: Message): void {
  const order = orderOf(table);
  table.set(message.id, message);
  order.push({ id: message.id, visibleAt: message.visibleAt });
}

/** Lets a message be seen from then on. */
export function hideUntil(table: Table<Message>, message: Message, visibleAt: number): void {
  message.visibleAt = visibleAt;
  table.touch();
  orderOf(table).push({ id: message.id, visibleAt });
}

/** Takes the next one that can be seen out of the order; whoever takes it hides it or removes it. */
export function nextVisible(table: Table<Message>, now: number): Message | undefined {
  const order = orderOf(table);
  for (let first = order.peek(); first && first.visibleAt <= now; first = order.peek()) {
    order.pop();
    const message = table.get(first.id);
    if (message?.visibleAt === first.visibleAt) return message;
  }
  return undefined;
}
