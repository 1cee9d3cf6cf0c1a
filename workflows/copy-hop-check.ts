/** The first step of a copy job: whether somebody makes it already, and whether anything stands in its way. */
import { routeObstacles } from '../domain/copy-route.ts';
import { foreseenObstacles } from '../domain/copy-verification.ts';
import { together } from '../domain/custody-obstacles.ts';
import type { Hop, Obstacle } from '../domain/custody.ts';
import { backupReads } from './activities.ts';
import { checkOf, copied, fromOf, takeOverOf } from './copy-hop.ts';
import { A_DAY, block, clear, persist, wait, type CopyLegRun } from './copy-leg-run.ts';

/** Reads what the copy needs, and waits for a person where something is missing. */
export async function check(run: CopyLegRun, hop: Hop): Promise<void> {
  const other = run.sameCopy(hop);
  if (other) return await share(run, hop, other);
  const before = run.leg.hops[run.leg.hops.indexOf(hop) - 1];
  // Who made a first hop may have gone on to the second, as the original's custody of old did.
  if (before?.adopted && (await takenOver(run, hop))) return;
  const found = await obstaclesOf(run, hop);
  // What stands in the way here others may have got round, or have been spared.
  if (found && !before && run.takesOver && (await takenOver(run, hop))) return clear(run);
  if (found) return await block(run, found, A_DAY);
  clear(run);
  hop.step = 'queue';
}

/** What others made counts once: a later attempt is to be a copy of its own. */
async function takenOver(run: CopyLegRun, hop: Hop): Promise<boolean> {
  if (hop.attempt > 1) return false;
  const { at, jobs } = await persist(run, () => backupReads.copyJobsOf({ point: fromOf(run, hop) }));
  run.clock.heard(at);
  return takeOverOf(hop, jobs);
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
      // Of the copy that is to stay, before the first one on the way to it is made.
      ...foreseenObstacles(checkOf(run, run.leg.hops.at(-1) ?? hop)),
    ];
    if (obstacles.length === 0) return null;
    if (fresh) return together(obstacles) ?? null;
  }
  return null;
}
