/** A part of the fleet on its way: every WorkSpace on its own, over shared looks, turns and locks. */
import { allHandlersFinished, condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import type { CohortSteering } from '../domain/cohort-steering.ts';
import { estimateEnd } from '../domain/eta.ts';
import type { ImageUpgradeInput, Reason } from '../domain/image-upgrade.ts';
import { countPhases, newRow, type PhaseCounts, type Row, type RowSeed } from '../domain/upgrade-row.ts';
import { reports } from './activities.ts';
import { Admission } from './admission.ts';
import { Agenda, Interrupted } from './agenda.ts';
import { Lane } from './batches.ts';
import { NOTHING_DONE, obey } from './cohort-commands.ts';
import { confirmBundles } from './confirm-bundle.ts';
import { holdsTurn, isUnderWay, type Shared } from './desktop.ts';
import { Desktops } from './desktops.ts';
import { troubleOf } from './failures.ts';
import { FleetObserver } from './fleet-observer.ts';
import {
  abortCohortSignal,
  cohortStatusQuery,
  finishSignal,
  grantSignal,
  steerCohortUpdate,
  type CohortStatus,
  type PageRequest,
} from './image-upgrade.messages.ts';
import { Follower } from './follower.ts';
import { Locks } from './locks.ts';
import { abort, isDecided, isSettled, RootLink } from './root-link.ts';
import { untilWritten } from './report-writing.ts';
import { Turns } from './turns.ts';

export interface CohortInput {
  readonly settings: ImageUpgradeInput;
  /** The workflow that started this cohort, and its first run. */
  readonly root: string;
  readonly runId: string;
  /** As the preflight saw them, or as the history before left them. */
  readonly rows: readonly (Row | RowSeed)[];
  readonly steering: CohortSteering;
  /** How many waves the run has. */
  readonly waves: number;
  /** Turns of the run's cap that this cohort may use. */
  readonly turns: number;
  /** There are other cohorts: what is idle here is wanted there. */
  readonly shared: boolean;
  /** AWS's times. */
  readonly now: string;
  readonly deadline: string;
  readonly aborted: boolean;
  /** Who is to be taken out and was in the middle of something when the history before was left. */
  readonly skips: readonly (readonly [workspaceId: string, reason: Reason])[];
  /** Locks that may be this cohort's and are to be given back. */
  readonly unwantedLocks: readonly string[];
  /** The run said to finish: all of its WorkSpaces have ended. */
  readonly finish: boolean;
  /** Go on in a new history after so many events; 0: when Temporal suggests it. */
  readonly continueAfterEvents: number;
}

const WARNINGS_AT_ONCE = 10;
/** So many in the queue are enough for the time of a coarse tick. */
const UNHURRIED_FROM = 6;
/** How many of the queue are looked at along with those under rebuild. */
const RIDERS = 10;
/** How many wait for their turn in ADMIN_MAINTENANCE, at most. */
const NEAR = 10;
/** How many of the queue are locked along with those whose turn has come. */
const LOCKS_AHEAD = 10;

export async function imageUpgradeCohort(input: CohortInput): Promise<PhaseCounts> {
  const rows = input.rows.map((row) => ('step' in row ? { ...row } : newRow(row)));
  const cohort = assemble(input, rows, () => root.review());
  const root = new RootLink(input, rows, cohort);
  const desktops = new Desktops(rows, cohort);
  const told = { finish: input.finish, draining: false };
  answerMessages({ rows, cohort, root, desktops, told });
  if (input.aborted) {
    abort(cohort);
    root.askToTell();
  }

  const { agenda, observer, follower, admission, turns, locks } = cohort;
  const parts = [agenda, observer, follower, admission, locks, root];
  const background = [...parts.map((part) => part.run()), keepQuiet(rows, cohort, root)];
  desktops.startAll();
  root.review();
  const isOver = (): boolean => isSettled(rows) && (told.finish || root.rootGone);
  await condition(() => isOver() || isLong(input));

  told.draining = true;
  for (const part of [turns, cohort.near, ...parts]) part.stop();
  await Promise.all([desktops.allReturned(), ...background]);
  await condition(allHandlersFinished);
  if (!isOver()) return await goOn({ ...input, finish: told.finish }, rows, cohort);

  const part = { place: placeOf(input), part: workflowInfo().workflowId.replaceAll('/', '_'), rows };
  await untilWritten(
    () => reports.putReportPart(part),
    (trouble) => (cohort.observer.retrying = trouble),
  );
  await root.tell({ done: true });
  return countPhases(rows);
}

interface Parties {
  readonly rows: readonly Row[];
  readonly cohort: Shared;
  readonly root: RootLink;
  readonly desktops: Desktops;
  /** The run said to finish; this history is being left. */
  readonly told: { finish: boolean; draining: boolean };
}

function answerMessages({ rows, cohort, root, desktops, told }: Parties): void {
  setHandler(cohortStatusQuery, (page) => statusOf(rows, cohort, page));
  setHandler(finishSignal, () => void (told.finish = true));
  setHandler(grantSignal, ({ turns }) => {
    root.granted(turns);
    cohort.turns.resize(cohort.turns.size + turns);
  });
  setHandler(abortCohortSignal, async () => {
    abort(cohort);
    // A call that is being made is let come to its answer: what is told then stays true.
    // While this history is being left nothing is decided any more: the next one ends what is left, and tells.
    await condition(() => told.draining || isDecided(cohort, rows));
    root.askToTell();
  });
  setHandler(steerCohortUpdate, (command) => {
    // The report's part is being written, or will be at once: nothing begins again.
    const late = told.finish && command.command === 'retryFailed';
    const answer = late ? NOTHING_DONE : obey(command, rows, cohort, desktops);
    root.review();
    root.askToTell();
    return answer;
  });
}

/**
 * Halted, and no rebuild call is being made: the bundle is read once more for those under way, so that it can be set back
 * without a doubt about what they got; then the run is told that all is quiet.
 */
async function keepQuiet(rows: readonly Row[], cohort: Shared, root: RootLink): Promise<void> {
  const { admission, agenda } = cohort;
  // A call whose end is not known may still have its effect. What is blocked waits for a person: nobody is held up for it.
  const isCalling = (): boolean =>
    rows.some(
      ({ step, blocked }) => step === 'rebuild' || step === 'migrate' || (step === 'settle' && blocked === null),
    );
  const halted = (): boolean => admission.steering.halted;
  try {
    for (;;) {
      await condition(() => agenda.stopped || (halted() && !isCalling()));
      if (agenda.stopped) return;
      if (!(await areConfirmed(rows, cohort))) continue;
      root.quiet = true;
      await condition(() => agenda.stopped || !halted());
      root.quiet = false;
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  }
}

const ASK_AGAIN = 60_000;

/** False: AWS does not tell; it is asked again after a while. */
async function areConfirmed(rows: readonly Row[], cohort: Shared): Promise<boolean> {
  const { agenda, observer } = cohort;
  try {
    await confirmBundles(rows, cohort);
    return true;
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    observer.retrying = trouble.message;
  }
  await agenda.until(agenda.now + ASK_AGAIN, { evenAborted: true });
  return false;
}

const isLong = ({ continueAfterEvents }: CohortInput): boolean =>
  workflowInfo().continueAsNewSuggested ||
  (continueAfterEvents > 0 && workflowInfo().historyLength >= continueAfterEvents);

const placeOf = ({ settings, runId }: CohortInput) => ({ target: settings.target, report: settings.report, runId });

function assemble(input: CohortInput, rows: readonly Row[], onNews: () => void): Shared {
  const { settings, runId, steering } = input;
  const held = (): string[] => rows.filter(holdsTurn).map((row) => row.workspaceId);
  const turns = new Turns(input.turns, held());
  const near = new Turns(NEAR, []);
  // While enough others stand in the queue, nobody gains by becoming ready a little earlier.
  const agenda = new Agenda(Date.parse(input.now), settings.pollSeconds * 1000, () => turns.queued >= UNHURRIED_FROM);
  const observer = new FleetObserver(settings, agenda, input.shared);
  const follower = new Follower({ settings, agenda, observer, riders: () => turns.next(RIDERS) });
  const locks = new Locks({
    target: settings.target,
    persistently: (send) => observer.persistently(send, { evenAborted: true }),
    next: () => turns.next(LOCKS_AHEAD),
    turns: held,
    held: rows.filter(isUnderWay).map((row) => row.workspaceId),
    unwanted: input.unwantedLocks,
  });
  const warningLane = new Lane(WARNINGS_AT_ONCE);
  const skips = new Map(input.skips);
  const missed = ({ workspaceId }: Row): void => void skips.set(workspaceId, { code: 'windowPassed' });
  const admission = new Admission({ settings, agenda, queues: [near, turns], rows, steering, missed });
  const deadline = Date.parse(input.deadline);
  const began = deadline - settings.waitTimeoutMinutes * 60_000;
  return {
    settings,
    runId,
    deadline,
    began,
    agenda,
    observer,
    follower,
    admission,
    turns,
    near,
    locks,
    looksBegan: new Map(),
    warningLane,
    skips,
    onNews,
  };
}

async function goOn(
  input: CohortInput,
  rows: readonly Row[],
  { admission, turns, agenda, skips, locks }: Shared,
): Promise<never> {
  return await continueAsNew<typeof imageUpgradeCohort>({
    ...input,
    rows,
    steering: admission.steering,
    turns: turns.size,
    now: agenda.isoNow,
    aborted: agenda.aborted,
    skips: [...skips],
    unwantedLocks: locks.unwanted,
  });
}

function statusOf(rows: readonly Row[], { agenda, turns, observer, locks }: Shared, page: PageRequest): CohortStatus {
  const end = estimateEnd(rows, agenda.now, turns.size);
  return {
    counts: countPhases(rows),
    now: agenda.isoNow,
    eta: end === null ? null : new Date(end).toISOString(),
    retrying: observer.retrying,
    locked: locks.held,
    rows: { rows: rows.slice(page.offset, page.offset + page.limit), of: rows.length },
  };
}
