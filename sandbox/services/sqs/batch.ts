/** What the batch operations have in common: up to ten entries, each with its own end. */
import { AwsError } from '../../service.ts';

const MOST = 10;

export interface Entry {
  readonly Id: string;
}

/** Does it for each entry; an error is its entry's, and the others go on. */
export function eachEntry<E extends Entry>(entries: readonly E[], act: (entry: E) => object): object {
  checkEntries(entries);
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...act(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: error.status < 500, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}

function checkEntries(entries: readonly Entry[]): void {
  if (entries.length === 0) {
    const what = 'There should be at least one entry in the request.';
    throw new AwsError('EmptyBatchRequest', what);
  }
  if (entries.length > MOST) {
    const what = `Maximum number of entries per request are ${MOST}. You have sent ${entries.length}.`;
    throw new AwsError('TooManyEntriesInBatchRequest', what);
  }
  const ids = entries.map(({ Id }) => Id);
  if (ids.some((id) => !/^[\w-]{1,80}$/.test(id))) {
    const rule =
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.';
    throw new AwsError('InvalidBatchEntryId', rule);
  }
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) throw new AwsError('BatchEntryIdsNotDistinct', `Id ${repeated} repeated.`);
}
