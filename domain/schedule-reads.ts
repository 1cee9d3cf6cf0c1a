/**
 * Schedules as they are read beside those of others, whose memos may be encoded so that they cannot be read here, and are
 * no business of ours: so the list is read raw, and what cannot be decoded is theirs.
 */
import { SCHEDULE_PREFIX } from './schedules.ts';

export interface ScheduleIds {
  /** Those under our prefix. */
  readonly prefixed: readonly string[];
  /** How many others there are. */
  readonly others: number;
}

/** What of Temporal's client is used here. */
interface Lister {
  readonly options: { readonly namespace: string };
  readonly workflowService: {
    listSchedules(request: {
      readonly namespace: string;
      readonly maximumPageSize: number;
      readonly nextPageToken: Uint8Array | null;
    }): Promise<{
      readonly schedules?: readonly { readonly scheduleId?: string | null }[] | null;
      readonly nextPageToken?: Uint8Array | null;
    }>;
  };
}

const PAGE = 1_000;

export async function listScheduleIds({ options, workflowService }: Lister): Promise<ScheduleIds> {
  const prefixed: string[] = [];
  let others = 0;
  let nextPageToken: Uint8Array | null = null;
  do {
    const request = { namespace: options.namespace, maximumPageSize: PAGE, nextPageToken };
    const page: Awaited<ReturnType<Lister['workflowService']['listSchedules']>> =
      await workflowService.listSchedules(request);
    for (const { scheduleId } of page.schedules ?? []) {
      if (scheduleId?.startsWith(SCHEDULE_PREFIX)) prefixed.push(scheduleId);
      else others += 1;
    }
    nextPageToken = page.nextPageToken ?? null;
  } while (nextPageToken !== null && nextPageToken.length > 0);
  return { prefixed, others };
}

/** Not ours, as we can read what we write. */
export const UNREADABLE = 'unreadable';

/** By the names of errors, as these are of Temporal's client. What the server says otherwise is no answer. */
const NO_ANSWER: readonly string[] = ['ServiceError', 'NamespaceNotFoundError'];

/** Null: there is none. */
export async function readable<Schedule>(describe: () => Promise<Schedule>): Promise<Schedule | 'unreadable' | null> {
  try {
    return await describe();
  } catch (error) {
    const { name } = error as Error;
    if (name === 'ScheduleNotFoundError') return null;
    if (NO_ANSWER.includes(name)) throw error;
    return UNREADABLE;
  }
}
