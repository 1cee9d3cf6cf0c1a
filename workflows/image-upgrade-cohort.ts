/** A part of the fleet on its way: every WorkSpace on its own, over shared looks, turns and locks. */
import { allHandlersFinished, condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { estimateEnd } from '../domain/eta.ts';
import { countPhases, type ImageUpgradeInput, type PhaseCounts, type Row } from '../domain/image-upgrade.ts';
import { reports } from './activities.ts';
import { Agenda } from './agenda.ts';
import { FleetObserver } from './fleet-observer.ts';
import {
  abortCohortSignal,
  cohortStatusQuery,
  grantSignal,
  type CohortStatus,
  type PageRequest,
} from './image-upgrade.messages.ts';
import { Follower } from './follower.ts';
import { Locks } from './locks.ts';
import { abort, isDecided, RootLink } from './root-link.ts';
import { untilWritten } from './report-writing.ts';
import { Turns } from './turns.ts';
import { holdsTurn, isUnderWay, upgradeDesktop, type Shared } from './upgrade-desktop.ts';

export interface CohortInput {
  readonly settings: ImageUpgradeInput;
  /** The workflow that started this cohort, and its first run. */
  readonly root: string;
  readonly runId: string;
  readonly rows: readonly Row[];
  /** Turns of the run's cap that this cohort may use. */
  readonly turns: number;
  /** There are other cohorts: what is idle here is wanted there. */
  readonly shared: boolean;
  /** AWS's times. */
  readonly now: string;
  readonly deadline: string;
  readonly aborted: boolean;
  /** Go on in a new history after so many events; 0: when Temporal suggests it. */
  readonly continueAfterEvents: number;
}

/** So many in the queue are enough for the time of a coarse tick. */
const UNHURRIED_FROM = 4;
/** How many of the queue are looked at along with those under rebuild. */
const RIDERS = 10;
/** How many of the queue are locked along with those whose turn has come. */
const LOCKS_AHEAD = 5;

export async function imageUpgradeCohort(input: CohortInput): Promise<PhaseCounts> {
  const rows = input.rows.map((row) => ({ ...row }));
  const cohort = assemble(input, rows);
  const root = new RootLink(input, rows, cohort);
  setHandler(cohortStatusQuery, (page) => statusOf(rows, cohort, page));
  setHandler(grantSignal, ({ turns }) => {
    root.granted(turns);
    cohort.turns.resize(cohort.turns.size + turns);
  });
  let draining = false;
  setHandler(abortCohortSignal, async () => {
    abort(cohort);
    // A call that is being made is let come to its answer: what is told then stays true.
    // While this history is being left nothing is decided any more: the next one ends what is left, and tells.
    await condition(() => draining || isDecided(cohort, rows));
    root.askToTell();
  });
  if (input.aborted) {
    abort(cohort);
    root.askToTell();
  }

  const background = [
    cohort.agenda.run(),
    cohort.observer.run(),
    cohort.follower.run(),
    cohort.locks.run(),
    root.run(),
  ];
  const all = Promise.all(rows.map((row) => upgradeDesktop(row, cohort)));
  const finished = await Promise.race([all.then(() => true), condition(() => isLong(input)).then(() => false)]);

  draining = true;
  for (const part of [cohort.turns, cohort.agenda, cohort.observer, cohort.follower, cohort.locks, root]) part.stop();
  await Promise.all([all, ...background]);
  await condition(allHandlersFinished);
  if (!finished && rows.some((row) => row.outcome === null)) return await goOn(input, rows, cohort);

  const part = { place: placeOf(input), part: workflowInfo().workflowId.replaceAll('/', '_'), rows };
  await untilWritten(
    () => reports.putReportPart(part),
    (trouble) => (cohort.observer.retrying = trouble),
  );
  await root.tell({ done: true });
  return countPhases(rows);
}

const isLong = ({ continueAfterEvents }: CohortInput): boolean =>
  workflowInfo().continueAsNewSuggested ||
  (continueAfterEvents > 0 && workflowInfo().historyLength >= continueAfterEvents);

const placeOf = ({ settings, runId }: CohortInput) => ({ target: settings.target, report: settings.report, runId });

function assemble(input: CohortInput, rows: readonly Row[]): Shared {
  const { settings, runId } = input;
  const held = (): string[] => rows.filter(holdsTurn).map((row) => row.workspaceId);
  const turns = new Turns(input.turns, held());
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
  });
  return { settings, runId, deadline: Date.parse(input.deadline), agenda, observer, follower, turns, locks };
}

async function goOn(input: CohortInput, rows: readonly Row[], { turns, agenda }: Shared): Promise<never> {
  return await continueAsNew<typeof imageUpgradeCohort>({
    ...input,
    rows,
    turns: turns.size,
    now: agenda.isoNow,
    aborted: agenda.aborted,
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
