/**
 * Amazon EventBridge, as far as events of AWS Backup get to queues by it: there are rules, and no API. Nothing runs by
 * timers: what a rule lets through is put into its queue when somebody looks there, visible from the instant on at which
 * AWS would have delivered it.
 */
import type { World } from '../service.ts';
import type { Table } from '../store.ts';
import type { BackupEvent } from './backup/events.ts';
import { backupEvents } from './backup/events.ts';
import { cloudTrailEvent } from './cloudtrail-event.ts';
import { messages, putMessage } from './sqs/messages.ts';
import type { Queue } from './sqs/queues.ts';
import { uuidFrom } from './uuid.ts';

/** How likely each is, from 0 to 1, for every event by itself. */
export interface EventFaults {
  /** It never comes. */
  readonly lost?: number;
  /** It comes twice, each at its own time. */
  readonly doubled?: number;
  /** It comes hours later. */
  readonly late?: number;
  /** It is held back for up to half an hour, so that later ones overtake it. */
  readonly reordered?: number;
}

export interface EventRuleSeed {
  /** Whose events. */
  readonly account: string;
  readonly region: string;
  readonly queueArn: string;
  /** @default all */
  readonly detailTypes?: readonly string[];
  /** As AWS Backup tells EventBridge, or what CloudTrail makes of it. @default 'backup' */
  readonly form?: 'backup' | 'cloudTrail';
  readonly faults?: EventFaults;
}

interface EventRule {
  readonly account: string;
  readonly region: string;
  readonly queueArn: string;
  readonly detailTypes: readonly string[] | null;
  readonly form: 'backup' | 'cloudTrail';
  readonly faults: EventFaults;
  /** How many of the events, in the order of their table, it has looked at. */
  looked: number;
}

const rules = (world: World): Table<EventRule> => world.store.table('*', '*', 'eventbridge.rules');

/** AWS tells "in a best-effort manner every 5 minutes". */
const LAG_MS = 5 * 60_000;
const LATE_MS = [3_600_000, 12 * 3_600_000] as const;
const REORDERED_MS = 30 * 60_000;
/** Whose messages EventBridge's are. */
const SENDER = 'AIDAEVENTBRIDGE0001';

/** Lets the events of an account's Region come to a queue, those that have been told before included. */
export function seedEventRule(world: World, { detailTypes, form, faults, ...rule }: EventRuleSeed): void {
  const id = `${rule.account}/${rule.region}/${rules(world).size}`;
  rules(world).set(id, {
    ...rule,
    detailTypes: detailTypes ?? null,
    form: form ?? 'backup',
    faults: faults ?? {},
    looked: 0,
  });
}

/** Puts into a queue what its rules let through and it does not have yet. */
export function deliverEvents(world: World, queue: Queue): void {
  for (const rule of rules(world).values()) {
    if (rule.queueArn !== queue.arn) continue;
    const events = backupEvents({ world, account: rule.account, region: rule.region });
    if (events.size === rule.looked) continue;
    const next = events.values().slice(rule.looked);
    for (const event of next) deliver(world, queue, rule, event);
    rule.looked += next.length;
    rules(world).touch();
  }
}

function deliver(world: World, queue: Queue, rule: EventRule, event: BackupEvent): void {
  if (rule.detailTypes && !rule.detailTypes.includes(event.detailType)) return;
  const shown = rule.form === 'cloudTrail' ? cloudTrailEvent(rule, event) : envelope(rule, event);
  if (!shown) return;
  const body = JSON.stringify(shown);
  for (const { id, at } of deliveries(world, rule, event)) {
    putMessage(messages(world, queue), {
      id,
      body,
      attributes: {},
      senderId: SENDER,
      sentAt: at,
      visibleAt: at,
      receiveCount: 0,
      firstReceivedAt: null,
      receipt: null,
      deadLetterOf: null,
    });
  }
}

/** When it comes, and as which message: a second delivery is the same event in another message. */
function deliveries(world: World, { faults, queueArn }: EventRule, event: BackupEvent): { id: string; at: number }[] {
  const random = world.random(`eventbridge/${queueArn}/${event.id}`);
  const happens = (probability = 0): boolean => random.next() < probability;
  if (happens(faults.lost)) return [];
  return Array.from({ length: happens(faults.doubled) ? 2 : 1 }, () => {
    const late = happens(faults.late) ? random.between(...LATE_MS) : 0;
    const reordered = happens(faults.reordered) ? random.between(0, REORDERED_MS) : 0;
    return { id: uuidFrom(random), at: Math.floor(event.at + random.between(0, LAG_MS) + late + reordered) };
  });
}

type Where = Pick<EventRule, 'account' | 'region'>;

const envelope = ({ account, region }: Where, { id, at, detailType, resources, detail }: BackupEvent): object => ({
  version: '0',
  id,
  'detail-type': detailType,
  source: 'aws.backup',
  account,
  time: `${new Date(at).toISOString().slice(0, 19)}Z`,
  region,
  resources,
  detail,
});
