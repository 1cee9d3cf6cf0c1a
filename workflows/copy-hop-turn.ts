/** A copy job's turn among all others, and its start. */
import { workflowInfo } from '@temporalio/workflow';
import type { CopyReturn } from '../domain/copy-queue.ts';
import { vaultArn, type CustodyHint, type Hop } from '../domain/custody.ts';
import { copyStarts, quickCalls } from './activities.ts';
import { beginAgain, copied, fromOf, seen, takeOver } from './copy-hop.ts';
import { A_DAY, block, clear, obstacleOf, persist, retry, sitOut, wait, type CopyLegRun } from './copy-leg-run.ts';
import { troubleOf, type Trouble } from './failures.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Waits for its turn among all copies out of that account and Region. One that somebody else has begun is taken over. */
export async function queue(run: CopyLegRun, hop: Hop): Promise<void> {
  const { mail, clock } = run;
  const destinationVaultArn = vaultArn(hop.to);
  // Whoever asks is told once more; a turn of an earlier attempt is no turn.
  mail.useUp(destinationVaultArn);
  const foreign = () => foreignJob(run, hop, mail.peek('copyJob', destinationVaultArn));
  const isNews = () => mail.isGranted(destinationVaultArn) || foreign() !== null;
  // A queue that somebody has ended knows nobody any more.
  for (let pause = 4 * HOUR; !isNews(); pause = Math.min(2 * pause, 12 * HOUR)) {
    const { ref, resourceArn } = copied(run, hop);
    const ask = {
      holder: workflowInfo().workflowId,
      destinationVaultArn,
      pointArn: ref.arn,
      resourceArn,
      at: clock.now,
    };
    await persist(run, () => quickCalls.askForCopy({ ...queueOf(run, hop), limits: run.limits, ask }));
    clear(run);
    await wait(run, isNews, pause);
  }
  hop.step = 'start';
  const job = mail.isGranted(destinationVaultArn) ? null : foreign();
  if (job) {
    await leaveQueue(run, hop);
    takeOver(hop, job.jobId, job.state);
  }
}

/**
 * Null: it says of no job that could be taken over. Jobs that are told of copy the original: to what lies on the way they
 * lead from elsewhere.
 */
function foreignJob(
  { leg }: CopyLegRun,
  hop: Hop,
  hint: CustodyHint | undefined,
): { readonly jobId: string; readonly state: string } | null {
  if (!hint || hint.copyJobId === null || hint.state === null || leg.hops[0] !== hop) return null;
  if (hop.earlierJobs.includes(hint.copyJobId)) return null;
  return ['CREATED', 'RUNNING', 'COMPLETED'].includes(hint.state) ? { jobId: hint.copyJobId, state: hint.state } : null;
}

const queueOf = (run: CopyLegRun, hop: Hop) => {
  const { account, region } = fromOf(run, hop);
  return { source: { account, region }, destinationRegion: hop.to.region };
};

/** @param why what the queue is to know of it */
export async function leaveQueue(run: CopyLegRun, hop: Hop, why: Pick<CopyReturn, 'overQuotaAt'> = {}): Promise<void> {
  const destinationVaultArn = vaultArn(hop.to);
  run.mail.useUp(destinationVaultArn);
  const place = { holder: workflowInfo().workflowId, destinationVaultArn, ...why };
  await persist(run, () => quickCalls.giveBackCopy({ queue: queueOf(run, hop), place }));
}

/** AWS takes the same token for the same job, so that a lost reply does no harm. */
export async function start(run: CopyLegRun, hop: Hop): Promise<void> {
  const { backupRole, seed } = run;
  const from = fromOf(run, hop);
  const { to, lifecycle, attempt } = hop;
  for (let tries = 0; ; tries += 1) {
    try {
      const started = await copyStarts.startCopy({ from, to, lifecycle, backupRole, attempt, seed });
      run.clock.heard(started.at);
      const { at, jobId, createdAt: startedAt } = started;
      Object.assign(hop, { jobId, jobState: isNew(startedAt, at) ? 'CREATED' : null, startedAt, from, step: 'follow' });
      clear(run);
      return;
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      if (!trouble.passing) return await cannotStart(run, hop, trouble);
      await sitOut(run, trouble, tries);
    }
  }
}

/** A token that an earlier custody of the point used names its job, which may have ended long ago. */
const isNew = (startedAt: string, at: string): boolean => Date.parse(at) - Date.parse(startedAt) < 10 * MINUTE;

/** The place in the queue is for others meanwhile; all is checked anew. */
async function cannotStart(run: CopyLegRun, hop: Hop, trouble: Trouble): Promise<void> {
  const isOverQuota = trouble.type === 'QuotaExceeded';
  await leaveQueue(run, hop, isOverQuota ? { overQuotaAt: run.clock.now } : {});
  hop.step = 'check';
  if (trouble.type === 'NotFound' && !(await seen(run, fromOf(run, hop)))) {
    const before = run.leg.hops[run.leg.hops.indexOf(hop) - 1];
    if (before) return makeAgain(run, before);
    run.sourceMissing();
  }
  if (isOverQuota) return await retry(run, trouble.message, 10 * MINUTE);
  await block(run, obstacleOf(trouble), A_DAY);
}

/** What lay on the way has gone. */
function makeAgain(run: CopyLegRun, before: Hop): void {
  beginAgain(before);
  clear(run);
}
