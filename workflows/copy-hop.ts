/** The steps of one copy job. Each ends by naming the next one; begun again, it finds what it did. */
import { workflowInfo } from '@temporalio/workflow';
import { copyFailureOf } from '../domain/copy-failure.ts';
import { routeObstacles } from '../domain/copy-route.ts';
import { foreseenObstacles, verificationObstacles } from '../domain/copy-verification.ts';
import {
  vaultArn,
  type CustodyHint,
  type Hop,
  type Obstacle,
  type PointFacts,
  type PointRef,
} from '../domain/custody.ts';
import { together } from '../domain/custody-obstacles.ts';
import { backupReads, copyStarts, quickCalls } from './activities.ts';
import { A_DAY, block, clear, obstacleOf, persist, retry, sitOut, wait, type CopyLegRun } from './copy-leg-run.ts';
import { troubleOf, type Trouble } from './failures.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Reads what the copy needs, and waits for a person where something is missing. */
export async function check(run: CopyLegRun, hop: Hop): Promise<void> {
  const other = run.sameCopy(hop);
  if (other) return await share(run, hop, other);
  const found = await obstaclesOf(run, hop);
  if (found) return await block(run, found, A_DAY);
  clear(run);
  hop.step = 'queue';
}

/** Another leg makes the same copy: it is verified there. */
async function share(run: CopyLegRun, hop: Hop, other: Hop): Promise<void> {
  await wait(run, () => other.step === 'verified', Infinity);
  const { step, jobId, jobState, startedAt, adopted, endedAt, copyArn, verified, verifiedAt } = other;
  Object.assign(hop, { step, jobId, jobState, startedAt, adopted, endedAt, copyArn, verified, verifiedAt });
  run.changed();
}

/** Null: nothing stands in the way, as far as can be read. What stands there is read anew before it is told. */
async function obstaclesOf(run: CopyLegRun, hop: Hop): Promise<Obstacle | null> {
  for (const fresh of [false, true]) {
    const facts = copied(run, hop);
    const route = await persist(run, () =>
      backupReads.describeRoute({
        from: { account: facts.ref.account, region: facts.ref.region },
        to: hop.to,
        resourceType: facts.resourceType,
        keyArn: facts.encryptionKeyArn,
        backupRole: run.backupRole,
        fresh,
      }),
    );
    const { now } = run.clock;
    const obstacles = [
      ...routeObstacles({ facts, to: hop.to, lifecycle: hop.lifecycle, route, now }),
      ...(isLast(run, hop) ? foreseenObstacles(checkOf(run, hop)) : []),
    ];
    if (obstacles.length === 0) return null;
    if (fresh) return together(obstacles) ?? null;
  }
  return null;
}

/** The point that the hop copies, as last seen: the original, or the copy of the hop before. */
function copied({ leg, source }: CopyLegRun, hop: Hop): PointFacts {
  return leg.hops[leg.hops.indexOf(hop) - 1]?.verified ?? source();
}

const fromOf = (run: CopyLegRun, hop: Hop): PointRef => copied(run, hop).ref;
const isLast = ({ leg }: CopyLegRun, hop: Hop): boolean => leg.hops.at(-1) === hop;

/** Of a hop in between only that it is there, and is kept. */
const checkOf = (run: CopyLegRun, hop: Hop) => ({
  source: run.source(),
  leg: run.leg,
  hop,
  after: isLast(run, hop) ? run.after() : null,
  minRemainingDays: isLast(run, hop) ? run.minRemainingDays : 0,
  mustOutlive: run.mustOutlive ?? true,
  now: run.clock.now,
});

/** Waits for its turn among all copies out of that account and Region. One that somebody else has begun is taken over. */
export async function queue(run: CopyLegRun, hop: Hop): Promise<void> {
  const { mail, clock } = run;
  const destinationVaultArn = vaultArn(hop.to);
  // Whoever asks is told once more; a turn of an earlier attempt is no turn.
  mail.useUp(destinationVaultArn);
  const foreign = () => foreignJob(mail.peek('copyJob', destinationVaultArn));
  const isNews = () => mail.isGranted(destinationVaultArn) || foreign() !== null;
  for (let pause = HOUR; !isNews(); pause = Math.min(2 * pause, 6 * HOUR)) {
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

/** Null: it says of no job that could be taken over. */
function foreignJob(hint: CustodyHint | undefined): { readonly jobId: string; readonly state: string } | null {
  if (!hint || hint.copyJobId === null || hint.state === null) return null;
  return ['CREATED', 'RUNNING', 'COMPLETED'].includes(hint.state) ? { jobId: hint.copyJobId, state: hint.state } : null;
}

/** From here on it is followed as an own one. */
export function takeOver(hop: Hop, jobId: string, state: string): void {
  hop.jobId = jobId;
  hop.jobState = state;
  hop.adopted = true;
  hop.step = 'follow';
}

const queueOf = (run: CopyLegRun, hop: Hop) => {
  const { account, region } = fromOf(run, hop);
  return { source: { account, region }, destinationRegion: hop.to.region };
};

async function leaveQueue(run: CopyLegRun, hop: Hop): Promise<void> {
  const destinationVaultArn = vaultArn(hop.to);
  run.mail.useUp(destinationVaultArn);
  const place = { holder: workflowInfo().workflowId, destinationVaultArn };
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
  await leaveQueue(run, hop);
  hop.step = 'check';
  if (trouble.type === 'NotFound') run.sourceMissing();
  if (trouble.type === 'QuotaExceeded') return await retry(run, trouble.message, 10 * MINUTE);
  await block(run, obstacleOf(trouble), A_DAY);
}

/** AWS is asked by the queue, for all at once; a job of which nothing is heard is looked at now and then. */
export async function follow(run: CopyLegRun, hop: Hop): Promise<void> {
  const { mail } = run;
  const destinationVaultArn = vaultArn(hop.to);
  mail.useUp(destinationVaultArn);
  if (hop.jobState === 'FAILED' || hop.jobState === 'PARTIAL') return await failed(run, hop, null);
  let pause = hop.adopted ? 5 * MINUTE : 30 * MINUTE;
  // What may have ended before it was taken over is looked at now.
  for (let isOld = hop.jobState === null || hop.jobState === 'COMPLETED'; ; isOld = false) {
    if (!isOld) await wait(run, () => mail.peek('copyJob', destinationVaultArn) !== undefined, pause);
    const hint = mail.take('copyJob', destinationVaultArn);
    if (isNoNews(hop, hint)) continue;
    const end = endOf(hint) ?? (await lookAtJob(run, hop));
    hop.jobState = end.state;
    if (end.state === 'COMPLETED' && end.copyArn !== null) {
      Object.assign(hop, { copyArn: end.copyArn, endedAt: end.endedAt, step: 'verify' });
      return clear(run);
    }
    if (end.state === 'FAILED' || end.state === 'PARTIAL') {
      hop.endedAt = end.endedAt;
      return await failed(run, hop, end.message ?? '');
    }
    pause = Math.min(2 * pause, 4 * HOUR);
    run.changed();
  }
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

async function lookAtJob(run: CopyLegRun, hop: Hop): Promise<JobEnd> {
  const { account, region } = fromOf(run, hop);
  const { at, job } = await persist(run, () =>
    backupReads.lookAtCopy({ target: { account, region }, jobId: hop.jobId ?? '' }),
  );
  run.clock.heard(at);
  // The queue may not have seen the end, or not know of the job.
  if (job.endedAt !== null && !hop.adopted) await leaveQueue(run, hop);
  return job;
}

/** After so many attempts that AWS itself brought to nothing a person looks. */
const MOST_ATTEMPTS = 3;

/** @param message AWS's; null: it was told already, in an earlier history */
async function failed(run: CopyLegRun, hop: Hop, message: string | null): Promise<void> {
  const { leg } = run;
  const failure = copyFailureOf({ ...hop, from: fromOf(run, hop) }, message);
  const isPassing = message === null ? leg.blocked === null : failure.kind === 'passing';
  if (isPassing && hop.attempt < MOST_ATTEMPTS) {
    const why = leg.retrying ?? `AWS could not make the copy, it is tried again: ${message ?? ''}`;
    await retry(run, why, hop.attempt * 15 * MINUTE);
  } else {
    const known = message === null ? leg.blocked : null;
    await block(run, known ?? copyObstacle(failure, message), Infinity);
  }
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

/** A new job, with a token of its own, from the beginning. */
export function beginAgain(hop: Hop): void {
  Object.assign(hop, {
    step: 'check',
    attempt: hop.attempt + 1,
    jobId: null,
    jobState: null,
    startedAt: null,
    endedAt: null,
    adopted: false,
    copyArn: null,
    verified: null,
    verifiedAt: null,
  } satisfies Partial<Hop>);
}

/** A destination may show a copy some time after its job ended. */
const MOST_LOOKS = 5;

/** Only what the destination shows counts. */
export async function verify(run: CopyLegRun, hop: Hop): Promise<void> {
  const point = { ...hop.to, arn: hop.copyArn ?? '' };
  for (let looks = 1; ; looks += 1) {
    const { at, facts } = await persist(run, () => backupReads.describePoint({ point }));
    run.clock.heard(at);
    const obstacles = verificationObstacles({ ...checkOf(run, hop), copy: facts });
    if (facts && obstacles.length === 0) {
      Object.assign(hop, {
        step: 'verified',
        verified: facts,
        verifiedAt: at,
        endedAt: hop.endedAt ?? facts.completedAt,
      });
      clear(run);
      run.changed();
      return;
    }
    if ((facts === null || facts.status === 'CREATING') && looks < MOST_LOOKS) {
      await retry(run, `${point.arn} is not to be seen in ${vaultArn(hop.to)} yet`, looks * MINUTE);
      continue;
    }
    return await notVerified(run, hop, obstacles);
  }
}

/** What others made counts only as far as it is good: otherwise a copy of our own is made. */
async function notVerified(run: CopyLegRun, hop: Hop, obstacles: readonly Obstacle[]): Promise<void> {
  const found = together(obstacles);
  if (found && !hop.adopted) await block(run, found, Infinity);
  beginAgain(hop);
  clear(run);
}
