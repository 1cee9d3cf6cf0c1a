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
import type { CustodyIndexInput, SettledPoint } from '../domain/evidence-messages.ts';
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
  trouble: string | null;
}

export async function custodyIndex(input: CustodyIndexInput): Promise<void> {
  const open = new Map(input.open.map((point) => [point.holder, point]));
  const run: IndexRun = { input, open, trouble: null };
  setHandler(settledSignal, (point) => void open.set(point.holder, point));
  setHandler(custodyIndexStatusQuery, () => ({ open: open.size, trouble: run.trouble }));
  let pause = FIRST_PAUSE;
  while (!isLong()) {
    if (!(await condition(() => open.size > 0, '10 minutes'))) break;
    await condition(() => open.size >= MOST || isLong(), GATHER);
    if (await write(run)) {
      pause = FIRST_PAUSE;
    } else {
      await condition(isLong, pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
  }
  while (open.size > CARRIED && run.trouble === null) await write(run);
  if (open.size > 0 || isLong()) {
    await continueAsNew<typeof custodyIndex>({ ...input, open: [...open.values()].slice(0, CARRIED) });
  }
}

/** Those that were first, and go to the same place. @returns whether they are written */
async function write(run: IndexRun): Promise<boolean> {
  const { input, open } = run;
  const [first] = open.values();
  if (!first) return true;
  const { evidence } = first;
  const place = JSON.stringify(evidence);
  const some = [...open.values()].filter((point) => JSON.stringify(point.evidence) === place).slice(0, MOST);
  try {
    await indexWrites.appendIndex({ evidence, vault: input.vault, entries: some.map(({ entry }) => entry) });
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    say(run, trouble.message);
    return false;
  }
  for (const point of some) if (open.get(point.holder) === point) open.delete(point.holder);
  say(run, null);
  await tellings.tellIndexed({ holders: some.map(({ holder }) => holder) });
  return true;
}

function say(run: IndexRun, trouble: string | null): void {
  const { account, region, vault } = run.input.vault;
  if ((run.trouble === null) !== (trouble === null)) {
    upsertSearchAttributes({
      HoldfastCapability: ['custody-index'],
      HoldfastHealth: [trouble === null ? 'ok' : 'retrying'],
      HoldfastAccount: [account],
      HoldfastRegion: [region],
      HoldfastResource: [vault],
    });
  }
  run.trouble = trouble;
  const waiting = `${run.open.size} settled points of \`${vault}\` wait to be written`;
  setCurrentDetails(trouble === null ? waiting : `${waiting}\n\nTried again: ${trouble}`);
}
