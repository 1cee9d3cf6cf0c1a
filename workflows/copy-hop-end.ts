/** A copy job's end, and what its destination shows then. */
import { copyFailureOf } from '../domain/copy-failure.ts';
import { verificationObstacles } from '../domain/copy-verification.ts';
import { together } from '../domain/custody-obstacles.ts';
import { vaultArn, type CustodyHint, type Hop, type Obstacle, type PointFacts } from '../domain/custody.ts';
import { backupReads } from './activities.ts';
import { beginAgain, checkOf, fromOf, seen } from './copy-hop.ts';
import { leaveQueue } from './copy-hop-turn.ts';
import { block, clear, persist, retry, wait, type CopyLegRun } from './copy-leg-run.ts';
import { troubleOf } from './failures.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** AWS is asked by the queue, for all at once; a job of which nothing is heard is looked at now and then. */
export async function follow(run: CopyLegRun, hop: Hop): Promise<void> {
  run.mail.useUp(vaultArn(hop.to));
  if (isBroken(hop.jobState)) return await failed(run, hop, null);
  let pause = hop.adopted ? 5 * MINUTE : 30 * MINUTE;
  // What may have ended before it was taken over is looked at now.
  for (let isOld = hop.jobState === null || hop.jobState === 'COMPLETED'; ; isOld = false) {
    const { hint, isResumed } = isOld ? NO_NEWS : await news(run, hop, pause);
    if (isNoNews(hop, hint)) continue;
    const end = endOf(hint) ?? (await lookAtJob(run, hop));
    if (!end || (isResumed && run.leg.overdue && end.state === 'CREATED')) return await givenUp(run, hop);
    hop.jobState = end.state;
    if (end.state === 'COMPLETED' && end.copyArn !== null) {
      Object.assign(hop, { copyArn: end.copyArn, endedAt: end.endedAt, step: 'verify' });
      return clear(run);
    }
    if (isBroken(end.state)) {
      hop.endedAt = end.endedAt;
      noteFailed(hop, end.message ?? '');
      return await failed(run, hop, end.message ?? '');
    }
    pause = Math.min(2 * pause, 4 * HOUR);
    run.changed();
  }
}

/** Each attempt's, for people and for evidence, as far as they are few. */
const MOST_NOTED = 10;

function noteFailed(hop: Hop, message: string): void {
  const { jobId, jobState, startedAt, endedAt } = hop;
  hop.failed = [...(hop.failed ?? []), { jobId, jobState, startedAt, endedAt, message }].slice(-MOST_NOTED);
}

const isBroken = (state: string | null): boolean => state === 'FAILED' || state === 'PARTIAL';

interface News {
  readonly hint: CustodyHint | undefined;
  /** A person asks for another try. */
  readonly isResumed: boolean;
}

const NO_NEWS: News = { hint: undefined, isResumed: false };

async function news(run: CopyLegRun, hop: Hop, pause: number): Promise<News> {
  const { mail, leg } = run;
  const destinationVaultArn = vaultArn(hop.to);
  const isResumed = mail.listen(leg.rule.name);
  await wait(run, () => isResumed() || mail.peek('copyJob', destinationVaultArn) !== undefined, pause);
  return { hint: mail.take('copyJob', destinationVaultArn), isResumed: isResumed() };
}

/** AWS does not know of the job, or has not begun with it although its time is over. */
async function givenUp(run: CopyLegRun, hop: Hop): Promise<void> {
  await leaveQueue(run, hop);
  madeAnew(run, hop);
}

interface JobEnd {
  readonly state: string;
  readonly copyArn: string | null;
  readonly endedAt: string | null;
  readonly message: string | null;
}

/** Of another job, or of one that goes on. */
const isNoNews = (hop: Hop, hint: CustodyHint | undefined): boolean =>
  hint !== undefined && (hint.copyJobId !== hop.jobId || hint.state === 'CREATED' || hint.state === 'RUNNING');

/** What a hint tells of the end is proven by what the destination shows; anything else is asked of AWS. */
const endOf = (hint: CustodyHint | undefined): JobEnd | null =>
  hint && hint.state === 'COMPLETED' && hint.copyArn !== null
    ? { state: hint.state, copyArn: hint.copyArn, endedAt: null, message: hint.message }
    : null;

/** AWS may not know at once of a job that it has just taken. */
const MOST_LOOKS = 5;

/** Null: AWS knows of no such job, by several looks. */
async function lookAtJob(run: CopyLegRun, hop: Hop): Promise<JobEnd | null> {
  const { account, region } = fromOf(run, hop);
  const look = () => backupReads.lookAtCopy({ target: { account, region }, jobId: hop.jobId ?? '' });
  for (let looks = 1; looks <= MOST_LOOKS; looks += 1) {
    const known = await persist(run, () => look().catch(isUnknown));
    if (known) {
      run.clock.heard(known.at);
      // The queue may not have seen the end, or not know of the job.
      if (known.job.endedAt !== null && !hop.adopted) await leaveQueue(run, hop);
      return known.job;
    }
    await retry(run, `AWS does not know of the copy job ${hop.jobId ?? ''}`, looks * MINUTE);
  }
  return null;
}

function isUnknown(error: unknown): null {
  if (troubleOf(error)?.type === 'NotFound') return null;
  throw error;
}

/** After so many attempts that AWS itself brought to nothing a person looks. */
const MOST_ATTEMPTS = 3;

/** @param message AWS's; null: it was told already, in an earlier history */
async function failed(run: CopyLegRun, hop: Hop, message: string | null): Promise<void> {
  const { leg } = run;
  // What others tried is theirs to mend: a copy of our own is made.
  if (hop.adopted) return madeAnew(run, hop);
  const failure = copyFailureOf({ ...hop, from: fromOf(run, hop) }, message);
  const isPassing = message === null ? leg.blocked === null : failure.kind === 'passing';
  if (isPassing && hop.attempt < MOST_ATTEMPTS) {
    const why = leg.retrying ?? `AWS could not make the copy, it is tried again: ${message ?? ''}`;
    await retry(run, why, hop.attempt * 15 * MINUTE);
  } else {
    const known = message === null ? leg.blocked : null;
    await block(run, known ?? copyObstacle(failure, message), Infinity);
  }
  madeAnew(run, hop);
}

function madeAnew(run: CopyLegRun, hop: Hop): void {
  beginAgain(hop);
  clear(run);
}

const copyObstacle = (failure: ReturnType<typeof copyFailureOf>, message: string | null): Obstacle =>
  failure.kind === 'blocked'
    ? failure.obstacle
    : {
        code: 'copyFailed',
        message: `AWS could not make the copy ${MOST_ATTEMPTS} times: ${message ?? ''}`,
        remedy: 'see AWS’s health, and resume: a new copy is made',
        statement: null,
      };

/**
 * Only what the destination shows counts, which may be some time after the job's end. What a person had a look at is looked
 * at again before it is copied anew.
 */
export async function verify(run: CopyLegRun, hop: Hop): Promise<void> {
  const point = { ...hop.to, arn: hop.copyArn ?? '' };
  for (let isTold = false; ; isTold = true) {
    const facts = await seen(run, point);
    const found = together(verificationObstacles({ ...checkOf(run, hop), copy: facts }));
    if (facts && !found) return verified(run, hop, facts);
    // What others made counts only as far as it is good: otherwise a copy of our own is made.
    if (hop.adopted || isTold || !found) return madeAnew(run, hop);
    await block(run, found, Infinity);
  }
}

function verified(run: CopyLegRun, hop: Hop, facts: PointFacts): void {
  const endedAt = hop.endedAt ?? facts.completedAt;
  Object.assign(hop, { step: 'verified', verified: facts, verifiedAt: facts.at, endedAt });
  clear(run);
  run.changed();
}
