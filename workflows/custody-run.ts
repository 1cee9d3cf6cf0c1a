/** One custody in one history: what it is given, what it knows, and how it waits and is shown. */
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import {
  healthOf,
  isUnderWay,
  type CustodyHealth,
  type CustodyInput,
  type CustodyOutcome,
  type CustodyPhase,
  type CustodyState,
  type Obstacle,
} from '../domain/custody.ts';
import type { CopyQueueInput, CopyReturn } from '../domain/copy-queue.ts';
import type { By } from '../domain/steering.ts';
import { AwsClock } from './aws-clock.ts';
import { obstacleOf } from './copy-leg-run.ts';
import { CopyMail } from './copy-mail.ts';
import { troubleOf } from './failures.ts';

export interface CustodyRun {
  readonly input: CustodyInput;
  readonly state: CustodyState;
  readonly clock: AwsClock;
  readonly mail: CopyMail;
  /** Its entry in the index of settled points is written. */
  indexed: boolean;
  /** A person, or a cancellation, ended it. */
  released: By | null;
  /** Places in queues that are not wanted any more. */
  leaving: QueuePlace[];
  /** Resumed when nothing is begun in this history any more: legs, and `ORIGINAL`. */
  unheard: string[];
  /** Moves on when its rule is another one: what waits begins anew. */
  rules: number;
  /** The health that was shown last. */
  shown: CustodyHealth | null;
}

export interface QueuePlace {
  readonly queue: Omit<CopyQueueInput, 'limits'>;
  readonly place: CopyReturn;
}

/** What was said while a history came to its end, and had no effect yet: the next one begins with it. */
export interface Unheard extends Pick<CustodyRun, 'released' | 'leaving'> {
  /** Legs, and `ORIGINAL`, that are to be tried again. */
  readonly resumed: string[];
}

const NOTHING: Unheard = { released: null, leaving: [], resumed: [] };

export function newCustodyRun(
  input: CustodyInput,
  state: CustodyState,
  { released, leaving, resumed } = NOTHING,
): CustodyRun {
  const mail = new CopyMail();
  mail.carry(resumed);
  return {
    input,
    state,
    clock: new AwsClock(state),
    mail,
    indexed: false,
    released,
    leaving,
    unheard: [],
    rules: 0,
    shown: null,
  };
}

/** Names what waits for a person although it belongs to no leg. */
export const ORIGINAL = 'the original';

export const isLong = (): boolean => workflowInfo().continueAsNewSuggested;

/** It ends so. Nothing is copied or changed from here on. */
export function end({ state }: CustodyRun, outcome: CustodyOutcome, reason: string): void {
  state.outcome ??= outcome;
  state.reason ??= reason;
  state.waiting = null;
  state.blocked = null;
  state.retrying = null;
  state.phase = 'closing';
}

/** Whether what waits is to stop: for a new history, another rule, or an end. */
export function stopper(run: CustodyRun): () => boolean {
  const { rules } = run;
  return () => isLong() || run.rules !== rules || isEnding(run);
}

/** What AWS was asked to do with the original is seen to its end first, whoever wants it to end. */
export const isEnding = ({ released, state }: CustodyRun): boolean =>
  (released !== null && state.outcome === null && !isUnderWay(state.change)) || state.phase === 'closing';

const MINUTE = 60_000;
const PAUSES = [1, 2, 4, 8, 16, 30].map((minutes) => minutes * MINUTE);
const LONGEST_PAUSE = 30 * MINUTE;
export const A_DAY = 24 * 60 * MINUTE;

/**
 * Waits so long, until a person says resume, or until a hint of that kind comes.
 *
 * @returns whether it goes on; otherwise what waits is to stop
 */
export async function pause(
  run: CustodyRun,
  milliseconds: number,
  isStopped: () => boolean = stopper(run),
): Promise<boolean> {
  return (await pauseOf(run, milliseconds, isStopped)) !== 'stopped';
}

/** The same. @param isResumed listens for a person's word since before the pause @returns what ended it */
export async function pauseOf(
  run: CustodyRun,
  milliseconds: number,
  isStopped: () => boolean,
  isResumed = run.mail.listen(ORIGINAL),
): Promise<'resumed' | 'over' | 'stopped'> {
  const { mail, clock } = run;
  await clock.wait(() => isStopped() || isResumed() || mail.peek('point') !== undefined, milliseconds);
  mail.take('point');
  if (isStopped()) return 'stopped';
  return isResumed() ? 'resumed' : 'over';
}

/** Makes a call until it gets through; what does not pass by itself is blocked meanwhile. Null: it is to stop. */
export async function persist<T>(
  run: CustodyRun,
  send: () => Promise<T>,
  isStopped: () => boolean = stopper(run),
): Promise<{ readonly reply: T } | null> {
  for (let tries = 0; ; tries += 1) {
    try {
      const reply = await send();
      if (tries > 0) clear(run);
      return { reply };
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      const delay = trouble.passing ? PAUSES[tries] : undefined;
      if (delay === undefined) block(run, obstacleOf(trouble));
      else retry(run, trouble.message);
      if (!(await pause(run, delay ?? (trouble.passing ? LONGEST_PAUSE : A_DAY), isStopped))) return null;
    }
  }
}

export function retry(run: CustodyRun, why: string): void {
  run.state.retrying = why;
  show(run);
}

/** A person must act. */
export function block(run: CustodyRun, obstacle: Obstacle): void {
  const { state } = run;
  state.blocked = { ...obstacle, since: state.blocked?.since ?? state.now };
  state.retrying = null;
  state.waiting = null;
  show(run);
}

/** Nothing stands in the way of the original's change. */
export function clear(run: CustodyRun): void {
  const { state } = run;
  state.blocked = null;
  state.waiting = null;
  state.retrying = null;
  show(run);
}

export function note({ state }: CustodyRun, what: string, { by, reason }: By, answer: string): void {
  state.steering.push({ at: state.now, what, by, reason, answer });
}

/** The phase is told with what else there is to tell: each time is an event. */
export function showPhase(run: CustodyRun, phase: CustodyPhase): void {
  const { state, input } = run;
  state.phase = phase;
  run.shown = healthOf(state);
  upsertSearchAttributes({
    HoldfastCapability: ['custody'],
    HoldfastPhase: [phase],
    HoldfastHealth: [run.shown],
    HoldfastAccount: [input.point.account],
    HoldfastRegion: [input.point.region],
    HoldfastResource: [state.point?.resourceArn ?? input.point.arn],
    ...(state.outcome ? { HoldfastOutcome: [state.outcome] } : {}),
  });
  details(run);
}

export function show(run: CustodyRun): void {
  const health = healthOf(run.state);
  if (run.shown !== health) upsertSearchAttributes({ HoldfastHealth: [health] });
  run.shown = health;
  details(run);
}

function details({ input, state }: CustodyRun): void {
  const { phase, point, outcome, reason, legs, waiting, blocked, retrying } = state;
  setCurrentDetails(
    [
      `\`${input.point.arn}\`${point ? ` of \`${point.resourceArn}\`` : ''}: **${outcome ?? phase}**`,
      ...(reason === null ? [] : [reason]),
      ...(blocked ? [`**Blocked** since ${blocked.since}: ${blocked.message}`, `What to do: ${blocked.remedy}`] : []),
      ...(waiting === null ? [] : [`Waits: ${waiting}`]),
      ...(retrying === null ? [] : [`Tried again: ${retrying}`]),
      ...legs.map((leg) => {
        const [late, stopped] = [leg.overdue ? ', **overdue**' : '', leg.blocked ?? null];
        const steps = leg.hops.map(({ to, step }) => `${to.account}/${to.region}/${to.vault} ${step}`).join(' → ');
        const why = stopped ? `: **blocked**, ${stopped.message}` : leg.retrying === null ? '' : `: ${leg.retrying}`;
        const left = leg.unwantedSince === null ? '' : `, not asked for since ${leg.unwantedSince}`;
        return `- ${leg.rule.name}: ${steps}${left}${late}${why}`;
      }),
    ].join('\n\n'),
  );
}
