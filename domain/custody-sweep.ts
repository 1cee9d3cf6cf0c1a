/**
 * The sweep that finds what events did not tell: what it has still to do, what it found, and what the next one needs to
 * know. Plain data, which continue-as-new carries over. A sweep goes by the jobs that ended; a whole listing of a vault,
 * every so many days, is the truth.
 */
import type { CustodyPolicy, VaultRef } from './custody.ts';
import { targetName, type Target } from './target.ts';

/** What the sweeps of a policy remember, in S3. Times are AWS's. */
export interface SweepMemory {
  /** By account and Region: when the last sweep began that went through all of its jobs. */
  readonly jobsAt: Readonly<Record<string, string>>;
  /** By account, Region and vault: when its last whole listing began. */
  readonly listedAt: Readonly<Record<string, string>>;
}

export const NO_MEMORY: SweepMemory = { jobsAt: {}, listedAt: {} };

export const vaultName = (vault: VaultRef): string => `${targetName(vault)}/${vault.vault}`;

export interface SweepCounts {
  /** Points that were looked at, in jobs and in listings. */
  readonly seen: number;
  /** Custodies that were begun. */
  readonly started: number;
  /** Custodies that were told of a copy job, or that their point was not listed. */
  readonly hinted: number;
  /** Points that the index has. */
  readonly settled: number;
  /** Points whose custody runs. */
  readonly running: number;
  /** Of whole listings: AWS Backup cannot copy their type. */
  readonly unsupported: number;
  readonly partial: number;
  readonly expired: number;
  /** The backup plan that made them is gone: nothing makes a newer one. Whether the resource is gone AWS Backup does not tell. */
  readonly orphaned: number;
}

const NOTHING_COUNTED: SweepCounts = {
  seen: 0,
  started: 0,
  hinted: 0,
  settled: 0,
  running: 0,
  unsupported: 0,
  partial: 0,
  expired: 0,
  orphaned: 0,
};

export const ODDITIES = ['partial', 'expired', 'orphaned'] as const;
export type Oddity = (typeof ODDITIES)[number];

export interface OddPoint {
  readonly oddity: Oddity;
  readonly vault: string;
  readonly pointArn: string;
  readonly why: string;
}

/** What could not be done: nothing follows from it, and the next sweep does it again. */
export interface SweepFailure {
  /** An account and Region, or a vault of it. */
  readonly where: string;
  readonly why: string;
}

export type SweepTask =
  | { readonly kind: 'backupJobs' | 'copyJobs' | 'vaults'; readonly target: Target }
  | { readonly kind: 'vault'; readonly vault: VaultRef; readonly planIds: readonly string[] | null }
  /** The CSV of the points of a vault that were created in a month, as the index has them by now. */
  | { readonly kind: 'report'; readonly vault: VaultRef; readonly month: string };

/** What a page of a listing came to. */
export interface PageFound {
  readonly counts: Partial<SweepCounts>;
  readonly odd: readonly OddPoint[];
  /** Of the points whose custody runs, a short hash each. */
  readonly running: readonly string[];
  /** `YYYY-MM`, of the points' creation. */
  readonly months: readonly string[];
  /** Why some of its points were left out; null: none was. */
  readonly leftOut: string | null;
  readonly nextToken: string | null;
}

export interface Sweep {
  readonly beganAt: string;
  /** Temporal's time: custodies that are younger are not expected in a listing. */
  readonly begunBefore: string;
  readonly before: SweepMemory;
  /** What is to be remembered so far. */
  memory: SweepMemory;
  /** Those that there are, as far as they could be listed. */
  vaults: string[];
  tasks: SweepTask[];
  /** Of the first task: where its next page begins. */
  token: string | null;
  /** Of the first task, a vault: what its pages came to. */
  running: string[];
  months: string[];
  counts: SweepCounts;
  odd: OddPoint[];
  failures: SweepFailure[];
  /** How many of the failures are vaults that could not be listed. */
  failedVaults: number;
}

export interface CustodySweepResult {
  readonly outcome: 'completed' | 'partlyFailed' | 'failed';
  readonly beganAt: string;
  readonly counts: SweepCounts & { readonly failedVaults: number };
  /** The first of each kind. */
  readonly odd: readonly OddPoint[];
  readonly failures: readonly SweepFailure[];
  /** By account, Region and vault: when its last whole listing began; null: never. */
  readonly listedAt: Readonly<Record<string, string | null>>;
  /** Days since the vault that was listed longest ago was listed; null: one never was, or there is none. */
  readonly oldestListingDays: number | null;
}

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** AWS keeps jobs for 30 days: a sweep that was away for longer has to list. */
const JOBS_ARE_KEPT = 25 * DAY;

const before = (at: string, milliseconds: number): string => new Date(Date.parse(at) - milliseconds).toISOString();

export const sweepOf = (
  { sources }: Pick<CustodyPolicy, 'sources'>,
  memory: SweepMemory,
  at: { readonly aws: string; readonly temporal: string },
): Sweep => ({
  beganAt: at.aws,
  begunBefore: at.temporal,
  before: memory,
  memory,
  vaults: [],
  tasks: (['backupJobs', 'copyJobs', 'vaults'] as const).flatMap((kind) => sources.map((target) => ({ kind, target }))),
  token: null,
  running: [],
  months: [],
  counts: NOTHING_COUNTED,
  odd: [],
  failures: [],
  failedVaults: 0,
});

/** Jobs that ended since the last sweep began are looked at, and a day more: AWS's lists are not quick. */
export const jobsSince = ({ before: memory, beganAt }: Sweep, target: Target): string =>
  before(memory.jobsAt[targetName(target)] ?? beganAt, DAY);

/** Custodies are told of a copy job once or twice, not in every sweep of a day. */
export const hintsSince = ({ before: memory, beganAt }: Sweep, target: Target): string => {
  const last = memory.jobsAt[targetName(target)];
  return last === undefined ? before(beganAt, DAY) : before(last, HOUR);
};

/** Whether a vault is to be listed as a whole in this sweep. */
export function isListingDue(sweep: Sweep, vault: VaultRef, days: number): boolean {
  const listed = sweep.before.listedAt[vaultName(vault)];
  const jobs = sweep.before.jobsAt[targetName(vault)];
  if (listed === undefined || jobs === undefined) return true;
  const now = Date.parse(sweep.beganAt);
  return now - Date.parse(listed) >= days * DAY || now - Date.parse(jobs) >= JOBS_ARE_KEPT;
}

/** The first hundred of each kind are listed. */
const MOST_LISTED = 100;

/** Of the first task. Why points were left out is told once of each place. */
export function addPage(sweep: Sweep, page: PageFound): void {
  const [task] = sweep.tasks;
  if (task && page.leftOut !== null && !hasFailed(sweep, placeOf(task))) {
    sweep.failures.push({ where: placeOf(task), why: page.leftOut });
  }
  sweep.counts = added(sweep.counts, page.counts);
  for (const point of page.odd) {
    const known = sweep.odd.filter(({ oddity }) => oddity === point.oddity).length;
    if (known < MOST_LISTED) sweep.odd.push(point);
  }
  sweep.running.push(...page.running);
  sweep.months = [...new Set([...sweep.months, ...page.months])].toSorted();
  sweep.token = page.nextToken;
}

function added(counts: SweepCounts, more: Partial<SweepCounts>): SweepCounts {
  const sum: Record<string, number> = { ...counts };
  for (const [name, count] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + count;
  return sum as unknown as SweepCounts;
}

/** Vaults that are not there any more are forgotten. */
export function knowVaults(sweep: Sweep, target: Target, vaults: readonly string[]): void {
  const own = `${targetName(target)}/`;
  const there = vaults.map((vault) => `${own}${vault}`);
  const listedAt = Object.entries(sweep.memory.listedAt).filter(
    ([name]) => !name.startsWith(own) || there.includes(name),
  );
  sweep.vaults.push(...there);
  sweep.memory = { ...sweep.memory, listedAt: Object.fromEntries(listedAt) };
}

export function rememberJobs(sweep: Sweep, target: Target): void {
  sweep.memory = { ...sweep.memory, jobsAt: { ...sweep.memory.jobsAt, [targetName(target)]: sweep.beganAt } };
}

export function rememberListing(sweep: Sweep, vault: VaultRef): void {
  sweep.memory = { ...sweep.memory, listedAt: { ...sweep.memory.listedAt, [vaultName(vault)]: sweep.beganAt } };
}

/** Whether something failed in that account and Region, or in that vault. */
export const hasFailed = ({ failures }: Sweep, where: string): boolean => failures.some((each) => each.where === where);

/** The task is given up: what it would have shown is not known, so nothing follows from it. */
export function giveUp(sweep: Sweep, why: string): void {
  const [task] = sweep.tasks;
  if (!task) return;
  sweep.failures.push({ where: placeOf(task), why });
  if (task.kind === 'vault') sweep.failedVaults += 1;
  nextTask(sweep);
}

function placeOf(task: SweepTask): string {
  if (task.kind === 'report') return `the report of ${vaultName(task.vault)} for ${task.month}`;
  return task.kind === 'vault' ? vaultName(task.vault) : targetName(task.target);
}

export function nextTask(sweep: Sweep): void {
  sweep.tasks.shift();
  sweep.token = null;
  sweep.running = [];
  sweep.months = [];
}

/** Days since the longest ago of these times; null: one is not known, or there is none. */
export function oldestDays(times: readonly (string | null)[], now: string): number | null {
  const known = times.filter((at) => at !== null);
  if (known.length === 0 || known.length < times.length) return null;
  const oldest = Math.min(...known.map((at) => Date.parse(at)));
  return Math.round(((Date.parse(now) - oldest) / DAY) * 10) / 10;
}

/** Of a sweep that only reads yet what the last one left. */
export const NOT_BEGUN: Omit<CustodySweepResult, 'outcome'> = {
  beganAt: '',
  counts: { ...NOTHING_COUNTED, failedVaults: 0 },
  odd: [],
  failures: [],
  listedAt: {},
  oldestListingDays: null,
};
