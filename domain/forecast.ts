/** What a plan will take: times, AWS calls and money. Estimates for people; nothing is decided by them. */
import { USUAL_REBUILD } from './eta.ts';
import { callsAndCost, workspacesCallsOf } from './forecast-calls.ts';
import { type Conditions, type Course, courseOf, type Job, type Wave } from './forecast-schedule.ts';
import type { ImageUpgradeInput } from './image-upgrade.ts';
import { PRICES } from './prices.ts';
import type { PlanRow } from './upgrade-plan.ts';
import type { Opening } from './windows.ts';

export interface Forecast {
  /** AWS's times, ISO: when the last WorkSpace may be done, and each wave. */
  readonly finish: string;
  readonly waves: readonly string[];
  /** What decides the finish: the snapshots, the cap, the waves' soak and windows, or AWS's call rate. */
  readonly decidedBy: 'snapshots' | 'cap' | 'waves' | 'windows' | 'callRate';
  /** Calls by service: `workspaces`, `ssm`, `s3`, … */
  readonly calls: Readonly<Record<string, number>>;
  readonly cost: {
    readonly amount: number;
    readonly currency: string;
    /** The date of the price file. */
    readonly pricesOf: string;
  };
  /** What all this rests on, a sentence each. */
  readonly assumptions: readonly string[];
}

export interface ForecastRequest {
  readonly input: ImageUpgradeInput;
  /** With their snapshots, see `withSnapshot`. */
  readonly rows: readonly PlanRow[];
  /** AWS's time, epoch milliseconds. */
  readonly now: number;
  /** The rate at which WorkSpaces is called, all runs together. */
  readonly callsPerSecond: number;
  /** By the index of the input's `windows`. @default windows do not count, and the assumptions say so */
  readonly openings?: readonly (readonly Opening[])[];
}

const MINUTE = 60_000;
/** AWS: up to an hour. https://docs.aws.amazon.com/workspaces/latest/adminguide/migrate-workspaces.html */
const MIGRATION = 60 * MINUTE;
/** A new WorkSpace's first snapshot. */
const FIRST_SNAPSHOT = 30 * MINUTE;

/** Null: there is nothing to do, or not all snapshots were looked at. */
export function forecast(request: ForecastRequest): Forecast | null {
  const { input, now, callsPerSecond } = request;
  const going = request.rows.filter((row) => row.verdict !== 'skipped');
  if (going.length === 0 || going.some((row) => row.snapshot === undefined)) return null;

  const waves = wavesOf(request, going);
  const conditions = conditionsOf(request);
  const course = courseOf(
    waves.map(({ wave }) => wave),
    conditions,
  );
  let called = 0;
  const ends = waves.map(({ rows }, index) => {
    called += workspacesCallsOf(input, rows);
    return Math.max(course.waveEnds[index] ?? now, now + (called / callsPerSecond) * 1_000);
  });
  const finish = Math.max(...ends);
  const { calls, amount } = callsAndCost(input, going, waves.length);
  return {
    finish: new Date(finish).toISOString(),
    waves: ends.map((end) => new Date(end).toISOString()),
    decidedBy: finish > endOf(course) ? 'callRate' : decisive(waves, conditions, endOf(course)),
    calls,
    cost: { amount, currency: PRICES.currency, pricesOf: PRICES.date },
    assumptions: assumptionsOf(request, course, going),
  };
}

interface PlannedWave {
  readonly rows: readonly PlanRow[];
  readonly wave: Wave;
}

function wavesOf(request: ForecastRequest, going: readonly PlanRow[]): PlannedWave[] {
  const count = going.reduce((most, { wave }) => Math.max(most, (wave ?? 0) + 1), 0);
  const byWave = Array.from({ length: count }, (): PlanRow[] => []);
  for (const row of going) byWave[row.wave ?? 0]?.push(row);
  return byWave.map((rows) => ({ rows, wave: waveOf(request, rows) }));
}

function waveOf({ input, now }: ForecastRequest, rows: readonly PlanRow[]): Wave {
  const deadline = now + input.waitTimeoutMinutes * MINUTE;
  const late = rows.filter((row) => readyAt(row, now) > deadline);
  const jobs = rows
    .filter((row) => readyAt(row, now) <= deadline)
    .map((row): Job => ({
      ready: readyAt(row, now),
      duration: row.action === 'migrate' ? MIGRATION : USUAL_REBUILD,
      rule: row.windowRule,
    }));
  return { jobs, notBefore: late.length > 0 ? deadline : null };
}

const readyAt = ({ dueAt }: PlanRow, now: number): number =>
  dueAt === undefined ? now + FIRST_SNAPSHOT : Math.max(now, Date.parse(dueAt));

const conditionsOf = ({ input, now, openings }: ForecastRequest): Conditions => ({
  now,
  cap: input.maxConcurrent,
  lead: (input.warnings.leadSeconds[0] ?? 0) * 1_000,
  soak: input.waves.soakMinutes * MINUTE,
  openings: openings ?? null,
});

const endOf = ({ waveEnds }: Course): number => Math.max(...waveEnds);

/** That without which the run would end earliest; the snapshots, unless it is a rebuild's length that it costs. */
function decisive(planned: readonly PlannedWave[], conditions: Conditions, end: number): Forecast['decidedBy'] {
  const waves = planned.map(({ wave }) => wave);
  const together: Wave = {
    jobs: waves.flatMap(({ jobs }) => jobs),
    notBefore: waves.reduce<number | null>((latest, { notBefore }) => later(latest, notBefore), null),
  };
  const without = [
    { by: 'waves', end: endOf(courseOf([together], conditions)) },
    { by: 'windows', end: endOf(courseOf(waves, { ...conditions, openings: null })) },
    { by: 'cap', end: endOf(courseOf(waves, { ...conditions, cap: Infinity })) },
  ] as const;
  const best = without.reduce((least, each) => (each.end < least.end ? each : least));
  return end - best.end >= USUAL_REBUILD ? best.by : 'snapshots';
}

const later = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.max(a, b));

const workspaces = (count: number): string => (count === 1 ? '1 WorkSpace' : `${count} WorkSpaces`);

function assumptionsOf(request: ForecastRequest, { shutOut }: Course, going: readonly PlanRow[]): string[] {
  const { input, now, callsPerSecond, openings } = request;
  const deadline = now + input.waitTimeoutMinutes * MINUTE;
  const late = going.filter((row) => readyAt(row, now) > deadline).length;
  const { policy, waitMinutes } = input.connectedUsers;
  return [
    'The run begins now, nothing fails, and nobody pauses it.',
    `A rebuild takes ${USUAL_REBUILD / MINUTE} minutes and a migration ${MIGRATION / MINUTE}: AWS names no time for a rebuild, and up to an hour for a migration.`,
    'AWS takes a snapshot every 12 hours, the first of a new WorkSpace after half an hour, and each WorkSpace waits for its next one.',
    ...(input.quietMarginHours > 0
      ? [
          `Those whose users were last connected ${input.quietMarginHours} hours or more before their snapshot are done earlier.`,
        ]
      : []),
    ...(late > 0
      ? [`Waited for in vain, as their snapshots are due after the wait timeout: ${workspaces(late)}.`]
      : []),
    ...(input.windows.length > 0 && !openings ? ['Windows are not counted.'] : []),
    ...(shutOut > 0
      ? [`Without an opening in the time that was looked at, and so not counted: ${workspaces(shutOut)}.`]
      : []),
    ...(policy === 'wait'
      ? [`Nobody waits for connected users; each may take up to ${waitMinutes} minutes more.`]
      : []),
    `WorkSpaces is called about 7 times for a rebuild or a migration, ${callsPerSecond} times a second, and no other run needs that rate.`,
    `Calls cost what AWS asked in us-east-1 on ${PRICES.date}, without free tiers; those of WorkSpaces, Systems Manager and tagging are free.`,
    'What WorkSpaces themselves cost, and what subscribers of topics do, is not counted.',
  ];
}
