/** Keeps the reservations of one scarce number of an account and Region. It runs while there are any, and some time longer. */
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { exchangeLease, type Lease } from '../domain/limits.ts';
import { exchangeLeaseUpdate, leasesQuery } from './limit.messages.ts';

export interface LimitInput {
  /** Carried over by continue-as-new. */
  readonly leases: readonly Lease[];
}

/** As the locks': who waits for an answer must not wait for a long history to be read again. */
const LONG = 1_000;

const isLong = (): boolean => workflowInfo().continueAsNewSuggested || workflowInfo().historyLength >= LONG;

export async function limit(input: LimitInput): Promise<void> {
  let { leases } = input;

  setHandler(leasesQuery, () => leases);
  setHandler(exchangeLeaseUpdate, (request) => {
    const exchanged = exchangeLease(leases, request);
    ({ leases } = exchanged);
    setCurrentDetails(detailsOf(leases));
    return exchanged.answer;
  });

  for (;;) {
    const asked = await condition(() => leases.length > 0, '10 minutes');
    if (!asked) break;
    await condition(() => leases.length === 0 || isLong());
    if (isLong()) break;
  }
  await condition(allHandlersFinished);
  if (leases.length > 0 || isLong()) await continueAsNew<typeof limit>({ leases });
}

const detailsOf = (leases: readonly Lease[]): string =>
  leases.length === 0
    ? 'Nothing is reserved'
    : leases.map(({ holder, units }, index) => `${index + 1}. ${units} for \`${holder}\``).join('\n');
