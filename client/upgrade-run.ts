/** One upgrade as it stands, read from its run and from all its cohorts; also after its end. */
import type { Client } from '@temporalio/client';
import { addCounts, type PhaseCounts, type Row } from '../domain/upgrade-row.ts';
import {
  cohortStatusQuery,
  statusQuery,
  type CohortStatus,
  type ImageUpgradeStatus,
} from '../workflows/image-upgrade.messages.ts';
import { noAnswer } from './errors.ts';
import { readRun, type ReadRun } from './read-run.ts';
import { upgradeNotFound } from './upgrade-choice.ts';

export interface UpgradeView extends ReadRun<ImageUpgradeStatus> {
  /** The present, with the WorkSpaces that the preflight left out; as last told, while a cohort does not answer. */
  readonly counts: PhaseCounts;
  /** AWS's time as the cohorts know it; null: none has begun. */
  readonly now: string | null;
  readonly eta: string | null;
  /** What calls are being made again, and which cohorts do not answer, a sentence each. */
  readonly retrying: readonly string[];
  /** Of all cohorts that answer; WorkSpaces that the preflight left out have none. */
  readonly rows: readonly Row[];
}

/** Rows of this many WorkSpaces stay far below what Temporal takes in one answer. */
const PAGE = 250;
const AT_ONCE = 8;
/** Milliseconds for all pages of a cohort: the others are not kept waiting for one that is silent. */
const ANSWER_WITHIN = 12_000;

export async function readUpgrade(client: Client, workflowId: string): Promise<UpgradeView> {
  const run = await readRun(client, workflowId, statusQuery, upgradeNotFound);
  const { status } = run;
  const answers = await readCohorts(client, status.cohorts);
  const cohorts = answers.flatMap((each) => each.cohort ?? []);
  const silent = answers.flatMap((each) => each.silence ?? []);
  const leftOut = status.phase === 'preflight' ? 0 : (status.plan?.counts.skipped ?? 0);
  const sum = addCounts(cohorts.map((cohort) => cohort.counts));
  return {
    ...run,
    counts: cohorts.length === 0 || silent.length > 0 ? status.counts : { ...sum, skipped: sum.skipped + leftOut },
    now: latest(cohorts.map((cohort) => cohort.now)),
    eta: latest(cohorts.flatMap((cohort) => cohort.eta ?? [])),
    retrying: [...[status, ...cohorts].flatMap(({ retrying }) => retrying ?? []), ...silent],
    rows: cohorts.flatMap((cohort) => cohort.rows.rows),
  };
}

/** One of them is null. */
interface Answer {
  readonly cohort: CohortStatus | null;
  readonly silence: string | null;
}

async function readCohorts(client: Client, ids: readonly string[]): Promise<Answer[]> {
  const cohorts: Answer[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    cohorts.push(...(await Promise.all(ids.slice(at, at + AT_ONCE).map((id) => askCohort(client, id)))));
  }
  return cohorts;
}

/** One cohort's trouble does not hide the others. */
async function askCohort(client: Client, id: string): Promise<Answer> {
  try {
    const cohort = await client.withDeadline(Date.now() + ANSWER_WITHIN, () => readCohort(client, id));
    return { cohort, silence: null };
  } catch (error) {
    const why = noAnswer(error);
    if (why === null) throw error;
    return { cohort: null, silence: `cohort ${id} does not answer: ${why}` };
  }
}

async function readCohort(client: Client, id: string): Promise<CohortStatus> {
  const handle = client.workflow.getHandle(id);
  const first = await handle.query(cohortStatusQuery, { offset: 0, limit: PAGE });
  const rows = [...first.rows.rows];
  while (rows.length < first.rows.of) {
    const page = await handle.query(cohortStatusQuery, { offset: rows.length, limit: PAGE });
    if (page.rows.rows.length === 0) break;
    rows.push(...page.rows.rows);
  }
  return { ...first, rows: { rows, of: first.rows.of } };
}

const latest = (times: readonly string[]): string | null =>
  times.reduce<string | null>(
    (last, each) => (last === null || Date.parse(each) > Date.parse(last) ? each : last),
    null,
  );
