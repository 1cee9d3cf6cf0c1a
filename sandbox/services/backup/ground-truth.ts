/** What really happened, for tests and figures: no API shows it. */
import type { CopyJob, Place } from './rows.ts';
import { NEVER, copyJobs } from './rows.ts';

/** Every copy that ran out of this account and Region, or will, in order of its beginning. */
export const copiesRun = (place: Place): CopyJob[] =>
  copyJobs(place)
    .all.filter(({ startsAt, isParent }) => startsAt < NEVER && !isParent)
    .toSorted((a, b) => a.startsAt - b.startsAt);

type Group = (job: CopyJob) => string;

/** The most copies of a group that ran at the same moment, such as of all that go to one Region. */
function mostAtOnce(place: Place, groupOf: Group): Map<string, number> {
  const changes = copiesRun(place)
    .flatMap((job) => [
      { at: job.startsAt, by: 1, group: groupOf(job) },
      { at: job.endsAt, by: -1, group: groupOf(job) },
    ])
    // One that ends at the instant another begins does not overlap it.
    .toSorted((a, b) => a.at - b.at || a.by - b.by);
  const now = new Map<string, number>();
  const most = new Map<string, number>();
  for (const { by, group } of changes) {
    const count = (now.get(group) ?? 0) + by;
    now.set(group, count);
    most.set(group, Math.max(most.get(group) ?? 0, count));
  }
  return most;
}

export interface CopiesAtOnce {
  readonly byRegion: ReadonlyMap<string, number>;
  readonly byVault: ReadonlyMap<string, number>;
  readonly byResource: ReadonlyMap<string, number>;
}

/** The most copies out of this account and Region at the same moment. */
export const copyJobsAtOnce = (place: Place): CopiesAtOnce => ({
  byRegion: mostAtOnce(place, ({ destinationRegion }) => destinationRegion),
  byVault: mostAtOnce(place, ({ destinationVaultArn }) => destinationVaultArn),
  byResource: mostAtOnce(place, ({ resourceArn }) => resourceArn),
});
