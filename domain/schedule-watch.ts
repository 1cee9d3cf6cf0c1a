/** What the watchdog finds by looking at the schedules, and what of it people have not been told yet. */
import type { ScheduledRunSight, ScheduleSight } from './schedule-sight.ts';
import { endedWell, scheduleNameOf, type DeclaredSchedule } from './schedules.ts';

export type FindingKind =
  /** Not started within the catch-up window: the server or the schedule was down. */
  | 'missed'
  /** Not started, as the one before was still running. */
  | 'skipped'
  /** Not started, as too many were waiting for their turn. */
  | 'dropped'
  /** The last run that has ended did not end well. */
  | 'badEnd'
  /** Paused by hand for more than a day. */
  | 'paused'
  /** Its next time is past. */
  | 'overdue'
  | 'invalid'
  /** The file declares it, and it is not there. */
  | 'gone';

export interface Finding {
  readonly schedule: string;
  readonly kind: FindingKind;
  /** A sentence for people. */
  readonly text: string;
}

/** What was seen of one schedule before, so that each thing is told once. */
export interface Watched {
  readonly missed: number;
  readonly skipped: number;
  readonly dropped: number;
  /** Runs that did not take place, until one ends well after them, or a week has passed. */
  readonly events: readonly WatchedEvent[];
  /** The run of which it was told that it ended badly. */
  readonly badEnd: string | null;
  /** When it was first seen paused; null: it is not. */
  readonly pausedSince: string | null;
  /** What was so at the last look, and told. */
  readonly told: readonly FindingKind[];
}
interface WatchedEvent {
  readonly kind: keyof typeof COUNTS;
  readonly count: number;
  /** When the last of them was seen. */
  readonly at: string;
}

/** By schedule id. */
export type WatchState = Readonly<Record<string, Watched>>;

export interface WatchResult {
  /** All that is so now. */
  readonly findings: readonly Finding[];
  /** What of it was not so at the last look. */
  readonly fresh: readonly Finding[];
  readonly state: WatchState;
}

const NOTHING: Watched = { missed: 0, skipped: 0, dropped: 0, events: [], badEnd: null, pausedSince: null, told: [] };
const EVENT_DAYS = 7;
const PAUSED_TOO_LONG_HOURS = 24;
/** A server under load starts runs a moment late. */
const OVERDUE_AFTER = 5 * 60_000;

interface Looked {
  readonly sights: readonly ScheduleSight[];
  readonly declared: readonly DeclaredSchedule[];
  /** Temporal's time, ISO. */
  readonly now: string;
}

export function watch(before: WatchState, { sights, declared, now }: Looked): WatchResult {
  const seen = sights.map((sight) => watchOne(before[sight.scheduleId] ?? NOTHING, sight, now));
  const gone = declared
    .filter(({ id, lastAt }) => !(isOver(lastAt, now) || sights.some(({ scheduleId }) => scheduleId === id)))
    .map(({ id }) => missing(before[id] ?? NOTHING, id));
  const all = [...seen, ...gone];
  return {
    findings: all.flatMap(({ findings }) => findings),
    fresh: all.flatMap(({ fresh }) => fresh),
    state: Object.fromEntries(all.map(({ scheduleId, watched }) => [scheduleId, watched])),
  };
}

/** Temporal removes schedules a while after their last time. */
const isOver = (lastAt: string | null, now: string): boolean => lastAt !== null && Date.parse(lastAt) < Date.parse(now);

interface WatchedOne {
  readonly scheduleId: string;
  readonly findings: readonly Finding[];
  readonly fresh: readonly Finding[];
  readonly watched: Watched;
}

function watchOne(before: Watched, sight: ScheduleSight, now: string): WatchedOne {
  const { scheduleId, missed, skipped, dropped, paused } = sight;
  const pausedSince = paused ? (before.pausedSince ?? now) : null;
  const badEnd = badEndOf(sight);
  const news = countsOf(before, sight, now);
  const events = eventsOf(before, news, sight, now);
  const lasting = lastingFindings(sight, pausedSince, now);
  const ended = badEnd === null ? [] : [findingOf(sight, 'badEnd', badEndText(badEnd))];
  const isFreshEnd = badEnd !== null && badEnd.workflowId !== before.badEnd;
  return {
    scheduleId,
    findings: [...events.map((each) => eventFinding(sight, each)), ...ended, ...lasting],
    fresh: [
      ...news.map((each) => eventFinding(sight, each)),
      ...(isFreshEnd ? ended : []),
      ...lasting.filter(({ kind }) => !before.told.includes(kind)),
    ],
    watched: {
      missed,
      skipped,
      dropped,
      events,
      badEnd: badEnd?.workflowId ?? null,
      pausedSince,
      told: lasting.map(({ kind }) => kind),
    },
  };
}

function missing(before: Watched, scheduleId: string): WatchedOne {
  const text = 'it is in the file and does not exist any more: `holdfast schedules apply` makes it again';
  const findings: Finding[] = [{ schedule: scheduleNameOf(scheduleId), kind: 'gone', text }];
  const fresh = before.told.includes('gone') ? [] : findings;
  return { scheduleId, findings, fresh, watched: { ...NOTHING, told: ['gone'] } };
}

const findingOf = ({ scheduleId }: ScheduleSight, kind: FindingKind, text: string): Finding => ({
  schedule: scheduleNameOf(scheduleId),
  kind,
  text,
});

const COUNTS = {
  missed: 'not started: their time passed while they could not be, and their catch-up window with it',
  skipped: 'skipped: the one before was still running',
  dropped: 'dropped: too many were waiting for the one before to end',
} as const;

/** What was not there at the last look. A schedule that was deleted and made again counts from 0. */
function countsOf(before: Watched, sight: ScheduleSight, at: string): WatchedEvent[] {
  return (['missed', 'skipped', 'dropped'] as const).flatMap((kind) => {
    const count = sight[kind] < before[kind] ? sight[kind] : sight[kind] - before[kind];
    return count === 0 ? [] : { kind, count, at };
  });
}

/** Those of one kind are one, with their sum. */
function eventsOf(
  before: Watched,
  news: readonly WatchedEvent[],
  { runs }: ScheduleSight,
  now: string,
): WatchedEvent[] {
  const last = runs.at(-1);
  const wellSince = last !== undefined && isWell(last) ? Date.parse(last.startedAt) : -Infinity;
  const oldest = Date.parse(now) - EVENT_DAYS * 86_400_000;
  const kept = before.events.filter(({ at }) => Date.parse(at) > Math.max(wellSince, oldest));
  const grown = kept.map((each) => {
    const more = news.find(({ kind }) => kind === each.kind);
    return more ? { ...more, count: each.count + more.count } : each;
  });
  return [...grown, ...news.filter(({ kind }) => !kept.some((each) => each.kind === kind))];
}

const eventFinding = (sight: ScheduleSight, { kind, count, at }: WatchedEvent): Finding =>
  findingOf(sight, kind, `${count === 1 ? '1 run was' : `${count} runs were`} ${COUNTS[kind]} (seen at ${at})`);

/** The last run that has ended, where it did not end well. One that Temporal has forgotten is told of no more. */
function badEndOf({ runs }: ScheduleSight): ScheduledRunSight | null {
  const last = runs.at(-1);
  if (last === undefined || last.status === 'RUNNING' || last.status === 'GONE') return null;
  return isWell(last) ? null : last;
}

const isWell = ({ status, outcome }: ScheduledRunSight): boolean =>
  status !== 'RUNNING' && (outcome === null ? status === 'COMPLETED' : endedWell(outcome));

function badEndText({ workflowId, status, outcome }: ScheduledRunSight): string {
  if (outcome === 'skipped') return `its last run found another one running and did nothing: ${workflowId}`;
  if (outcome === 'tooLate') return `its last run started nothing, as no worker was there in time: ${workflowId}`;
  const how = status === 'COMPLETED' ? outcome : status.toLowerCase().replace('_', ' ');
  return `its last run ended as ${how}: ${workflowId}`;
}

/** What goes on until somebody does something, or time does. */
function lastingFindings(sight: ScheduleSight, pausedSince: string | null, now: string): Finding[] {
  const { paused, pausedByFile, note, nextAt, invalid } = sight;
  const findings: Finding[] = [];
  if (invalid !== null) findings.push(findingOf(sight, 'invalid', `Temporal cannot use it: ${invalid}`));
  const hours = pausedSince === null ? 0 : (Date.parse(now) - Date.parse(pausedSince)) / 3_600_000;
  if (!pausedByFile && hours >= PAUSED_TOO_LONG_HOURS) {
    const why = note === null ? '' : ` (${note})`;
    findings.push(findingOf(sight, 'paused', `it is paused since ${pausedSince} or longer${why}: nothing runs`));
  }
  if (!paused && nextAt !== null && Date.parse(now) - Date.parse(nextAt) > OVERDUE_AFTER) {
    findings.push(findingOf(sight, 'overdue', `its next run was due at ${nextAt} and has not begun`));
  }
  return findings;
}

/** What each run of the watchdog hands on to the next. */
export interface WatchdogResult {
  readonly state: WatchState;
  /** All that was so. */
  readonly findings: readonly Finding[];
  /** Why operators could not be told of it; null: they were, or nothing was new. */
  readonly untold: string | null;
  /** Temporal's time. */
  readonly lookedAt: string;
}

/** `HoldfastHealth`: a planned run did not take place, or will not; a run that ended badly speaks for itself. */
export const isOverdue = (findings: readonly Finding[]): boolean => findings.some(({ kind }) => kind !== 'badEnd');
