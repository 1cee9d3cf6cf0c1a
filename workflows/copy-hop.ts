/** What the steps of one copy job have in common: what is copied, how it is judged, and how it is taken over or made anew. */
import { anew } from '../domain/custody-adoption.ts';
import { vaultArn, type CopyJobSeen, type Hop, type PointFacts, type PointRef } from '../domain/custody.ts';
import { backupReads } from './activities.ts';
import { persist, retry, type CopyLegRun } from './copy-leg-run.ts';

const MINUTE = 60_000;

/** The point that the hop copies, as last seen: the original, or the copy of the hop before. */
export function copied({ leg, source }: CopyLegRun, hop: Hop): PointFacts {
  return leg.hops[leg.hops.indexOf(hop) - 1]?.verified ?? source();
}

export const fromOf = (run: CopyLegRun, hop: Hop): PointRef => copied(run, hop).ref;
const isLast = ({ leg }: CopyLegRun, hop: Hop): boolean => leg.hops.at(-1) === hop;

/** Of a hop in between only that it is there, and is kept. */
export const checkOf = (run: CopyLegRun, hop: Hop) => ({
  source: run.source(),
  leg: run.leg,
  hop,
  after: isLast(run, hop) ? run.after() : null,
  minRemainingDays: isLast(run, hop) ? run.minRemainingDays : 0,
  mustOutlive: run.mustOutlive ?? true,
  now: run.clock.now,
});

/** A copy that others made, or an earlier custody, is taken for what it is: it is verified as any other. */
export function takeOverOf(hop: Hop, jobs: readonly CopyJobSeen[]): boolean {
  const destination = vaultArn(hop.to);
  const newestFirst = jobs
    .filter(({ destinationVaultArn }) => destinationVaultArn === destination)
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  const job =
    newestFirst.find(({ state, copyArn }) => state === 'COMPLETED' && copyArn !== null) ??
    newestFirst.find(({ state }) => state === 'RUNNING' || state === 'CREATED');
  if (!job) return false;
  takeOver(hop, job.jobId, job.state);
  hop.startedAt = job.createdAt;
  if (job.state === 'COMPLETED') Object.assign(hop, { copyArn: job.copyArn, endedAt: job.endedAt, step: 'verify' });
  return true;
}

/** From here on it is followed as an own one. */
export function takeOver(hop: Hop, jobId: string, state: string): void {
  hop.jobId = jobId;
  hop.jobState = state;
  hop.adopted = true;
  hop.step = 'follow';
}

/** A new job, with a token of its own, from the beginning. */
export function beginAgain(hop: Hop): void {
  Object.assign(hop, anew(hop));
}

/** AWS may not show at once what is there: so many looks are made, at a growing distance. */
const MOST_LOOKS = 5;

/** What AWS shows of a point. Null: it is not there, by several looks over ten minutes. */
export async function seen(run: CopyLegRun, point: PointRef): Promise<PointFacts | null> {
  for (let looks = 1; ; looks += 1) {
    const { at, facts } = await persist(run, () => backupReads.describePoint({ point }));
    run.clock.heard(at);
    const isEarly = facts === null || facts.status === 'CREATING';
    if (!isEarly || looks === MOST_LOOKS) return facts;
    await retry(run, `${point.arn} is not to be seen in ${vaultArn(point)}`, looks * MINUTE);
  }
}
