/** What a custody leaves behind: a document for each phase, and its entry in the index of settled points. */
import type { CustodyState } from '../domain/custody.ts';
import type { EvidenceRef } from '../domain/evidence.ts';
import { custodyIndexId } from '../domain/evidence-messages.ts';
import { evidenceWrites } from './activities.ts';
import { obstacleOf } from './copy-leg-run.ts';
import { block, isLong, ORIGINAL, retry, show, stopper, type CustodyRun } from './custody-run.ts';
import { troubleOf } from './failures.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const FIRST_PAUSE = MINUTE;
const LONGEST_PAUSE = HOUR;
/** The index writes each minute: who is not told within this asks again. */
const FIRST_WAIT = HOUR;
const LONGEST_WAIT = 24 * HOUR;

/** Writes the next version of the evidence, as the custody is now. The last one is written by `settle`. */
export async function writeEvidence(run: CustodyRun): Promise<void> {
  const { input, state } = run;
  if (state.phase === 'closing' || !state.point) return;
  const isStopped = stopper(run);
  const snapshot = snapshotOf(state);
  const written = await through(run, isStopped, () => evidenceWrites.writeEvidence({ input, state: snapshot }));
  if (written) keep(state, written.reply);
}

/** Writes the last version and has the index take the point for settled. @returns when it has, or it is to stop */
export async function settle(run: CustodyRun): Promise<void> {
  const { input, state, clock } = run;
  if (!state.point) return;
  const snapshot = snapshotOf(state);
  for (let wait = FIRST_WAIT; !run.indexed && !isLong(); wait = Math.min(2 * wait, LONGEST_WAIT)) {
    const settled = await through(run, isLong, () => evidenceWrites.settlePoint({ input, state: snapshot }));
    if (settled?.reply) keep(state, settled.reply);
    if (!(await clock.wait(() => run.indexed || isLong(), wait))) retry(run, lateIn(custodyIndexId(input.point)));
  }
  if (run.indexed && state.retrying !== null) {
    state.retrying = null;
    show(run);
  }
}

const lateIn = (index: string): string =>
  `the index of settled points has not taken it for more than an hour: see what the workflow ${index} says`;

/** What is written does not change while it is tried again, and does not tell of its own troubles. */
const snapshotOf = (state: CustodyState): CustodyState => {
  const copy = JSON.parse(JSON.stringify(state)) as CustodyState;
  return state.phase === 'closing' ? { ...copy, blocked: null, retrying: null } : copy;
};

function keep(state: CustodyState, { key, versions, sha256 }: EvidenceRef): void {
  state.evidence = { key, versions, sha256 };
}

/** Makes the call until it gets through, or a person says resume. Null: it is to stop. */
async function through<T>(
  run: CustodyRun,
  isStopped: () => boolean,
  send: () => Promise<T>,
): Promise<{ readonly reply: T } | null> {
  const { state, mail, clock } = run;
  let [told, pause] = [false, FIRST_PAUSE];
  for (;;) {
    try {
      const reply = await send();
      if (told) {
        state.blocked = null;
        state.retrying = null;
        show(run);
      }
      return { reply };
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      if (trouble.passing) retry(run, trouble.message);
      else block(run, obstacleOf(trouble));
      told = true;
    }
    const resumed = mail.resumed(ORIGINAL);
    await clock.wait(() => isStopped() || mail.resumed(ORIGINAL) !== resumed, pause);
    if (isStopped()) return null;
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  }
}
