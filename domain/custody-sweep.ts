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
  /** By the same: what that listing counted. */
  readonly inVaults: Readonly<Record<string, VaultCounts>>;
  /** When the index was last gone through for vaults with copies of settled points; null: never. */
  readonly copiesFoundAt: string | null;
  /** Those vaults, by account, Region and vault. */
  readonly copyVaults: Readonly<Record<string, CopyVault>>;
  readonly told: ToldOfSweeps;
}

/** A vault with copies of settled points, which is listed to see whether they still are there. */
export interface CopyVault {
  readonly vault: VaultRef;
  /** Out of which they were copied. */
  readonly from: readonly VaultRef[];
  /** When its last whole listing began; null: never. */
  readonly listedAt: string | null;
  readonly counts: VaultCounts;
}

/** What operators know of the policy's sweeps: they are told of what is new. */
export interface ToldOfSweeps extends NeedyCustodies {
  readonly copyGone: number;
  /** Where something failed. */
  readonly failedAt: readonly string[];
}

/** Custodies that wait for a person, and those that wait for too long. */
export interface NeedyCustodies {
  readonly blocked: number;
  readonly overdue: number;
}

export const vaultName = (vault: VaultRef): string => `${targetName(vault)}/${vault.vault}`;

interface DoneCounts {
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
}

/** Of a vault's last whole listing, in this sweep or before. */
export interface VaultCounts {
  /** AWS Backup cannot copy their type, or they are continuous. */
  readonly unsupported: number;
  readonly partial: number;
  readonly expired: number;
  /** The backup plan that made them is gone: nothing makes a newer one. Whether the resource is gone AWS Backup does not tell. */
  readonly orphaned: number;
  /** Copies of settled points that are not where they were verified, and are to be. */
  readonly copyGone: number;
}

export interface SweepCounts extends DoneCounts, VaultCounts {}

const NOTHING_DONE: DoneCounts = { seen: 0, started: 0, hinted: 0, settled: 0, running: 0 };
export const NOTHING_IN_VAULT: VaultCounts = { unsupported: 0, partial: 0, expired: 0, orphaned: 0, copyGone: 0 };

export const NO_MEMORY: SweepMemory = {
  jobsAt: {},
  listedAt: {},
  inVaults: {},
  copiesFoundAt: null,
  copyVaults: {},
  told: { blocked: 0, overdue: 0, copyGone: 0, failedAt: [] },
};

const ODDITIES = ['partial', 'expired', 'orphaned', 'copyGone'] as const;
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
  /** Finds the vaults with copies of settled points, where that is due, and which of them are to be listed. */
  | { readonly kind: 'copyVaults' }
  | { readonly kind: 'copies'; readonly vault: VaultRef; readonly from: readonly VaultRef[] }
  /** The CSV of the points of a vault that were created in a month, as the index has them by now, if it has any. */
  | { readonly kind: 'report'; readonly vault: VaultRef; readonly month: string; readonly onlyIfAny?: boolean };

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

/** What a look at a vault of copies came to. */
export interface CopiesFound {
  readonly counts: Pick<VaultCounts, 'partial' | 'expired' | 'copyGone'>;
  readonly odd: readonly OddPoint[];
  /** Whose reports are other ones now. */
  readonly months: readonly { readonly vault: VaultRef; readonly month: string }[];
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
  inVault: VaultCounts;
  counts: DoneCounts;
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

export const DAY = 86_400_000;

/** AWS keeps jobs for 30 days, surely for these: a sweep that was away for longer has to list. */
export const JOBS_ARE_KEPT = 25 * DAY;

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
  tasks: [
    ...(['backupJobs', 'copyJobs', 'vaults'] as const).flatMap((kind) => sources.map((target) => ({ kind, target }))),
    { kind: 'copyVaults' },
  ],
  token: null,
  running: [],
  months: [],
  inVault: NOTHING_IN_VAULT,
  counts: NOTHING_DONE,
  odd: [],
  failures: [],
  failedVaults: 0,
});

/**
 * Jobs that ended since the last sweep began are looked at, and a day more: AWS's lists are not quick. A custody that runs is
 * told of a copy job once in each sweep of that day, which does no harm: it knows which jobs are old.
 */
export const jobsSince = ({ before: memory, beganAt }: Sweep, target: Target): string =>
  before(memory.jobsAt[targetName(target)] ?? beganAt, DAY);

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
  sweep.inVault = added(sweep.inVault, page.counts);
  addOdd(sweep, page.odd);
  sweep.running.push(...page.running);
  sweep.months = [...new Set([...sweep.months, ...page.months])].toSorted();
  sweep.token = page.nextToken;
}

export function addOdd(sweep: Sweep, odd: readonly OddPoint[]): void {
  for (const point of odd) {
    const known = sweep.odd.filter(({ oddity }) => oddity === point.oddity).length;
    if (known < MOST_LISTED) sweep.odd.push(point);
  }
}

/** Of the counts that are there already. */
function added<Counts extends object>(counts: Counts, more: Partial<SweepCounts>): Counts {
  const others = more as Readonly<Record<string, number>>;
  const sum = Object.entries(counts).map(([name, count]) => [name, (count as number) + (others[name] ?? 0)]);
  return Object.fromEntries(sum) as Counts;
}

/** As every vault was when it was last listed as a whole: a sweep lists few of them. */
export function countsOf({ counts, memory }: Sweep): SweepCounts {
  const vaults = [...Object.values(memory.inVaults), ...Object.values(memory.copyVaults).map((each) => each.counts)];
  return { ...counts, ...vaults.reduce((sum, each) => added(sum, each), NOTHING_IN_VAULT) };
}

/** Of sources' vaults and of those with copies; null: never. */
export function listingsOf({ memory, vaults }: Sweep): Readonly<Record<string, string | null>> {
  const copies = Object.entries(memory.copyVaults).map(([name, { listedAt }]) => [name, listedAt]);
  const known = vaults.map((vault) => [vault, null]);
  return Object.fromEntries([...copies, ...known, ...Object.entries(memory.listedAt)]) as Record<string, string | null>;
}

/** Vaults that are not there any more are forgotten. */
export function knowVaults(sweep: Sweep, target: Target, vaults: readonly string[]): void {
  const own = `${targetName(target)}/`;
  const there = vaults.map((vault) => `${own}${vault}`);
  const kept = <Value>(byName: Readonly<Record<string, Value>>): Record<string, Value> =>
    Object.fromEntries(Object.entries(byName).filter(([name]) => !name.startsWith(own) || there.includes(name)));
  sweep.vaults.push(...there);
  sweep.memory = {
    ...sweep.memory,
    listedAt: kept(sweep.memory.listedAt),
    inVaults: kept(sweep.memory.inVaults),
  };
}

export function rememberJobs(sweep: Sweep, target: Target): void {
  sweep.memory = { ...sweep.memory, jobsAt: { ...sweep.memory.jobsAt, [targetName(target)]: sweep.beganAt } };
}

export function rememberListing(sweep: Sweep, vault: VaultRef): void {
  const { memory, beganAt, inVault } = sweep;
  const name = vaultName(vault);
  sweep.memory = {
    ...memory,
    listedAt: { ...memory.listedAt, [name]: beganAt },
    inVaults: { ...memory.inVaults, [name]: inVault },
  };
}

/** Whether something failed in that account and Region, or in that vault. */
export const hasFailed = ({ failures }: Sweep, where: string): boolean => failures.some((each) => each.where === where);

/** The task is given up: what it would have shown is not known, so nothing follows from it. */
export function giveUp(sweep: Sweep, why: string): void {
  const [task] = sweep.tasks;
  if (!task) return;
  sweep.failures.push({ where: placeOf(task), why });
  if (task.kind === 'vault' || task.kind === 'copies') sweep.failedVaults += 1;
  nextTask(sweep);
}

function placeOf(task: SweepTask): string {
  if (task.kind === 'report') return `the report of ${vaultName(task.vault)} for ${task.month}`;
  if (task.kind === 'copyVaults') return 'the index of settled points';
  return 'vault' in task ? vaultName(task.vault) : targetName(task.target);
}

export function nextTask(sweep: Sweep): void {
  sweep.tasks.shift();
  sweep.token = null;
  sweep.running = [];
  sweep.months = [];
  sweep.inVault = NOTHING_IN_VAULT;
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
  counts: { ...NOTHING_DONE, ...NOTHING_IN_VAULT, failedVaults: 0 },
  odd: [],
  failures: [],
  listedAt: {},
  oldestListingDays: null,
};
