/** Compute type and volumes of a WorkSpace, and what is being changed of them. */
import { bundles } from './rows.ts';
import type { Desktop, Hardware, Job, Place } from './rows.ts';

type Modification = Extract<Job, { kind: 'modification' }>;

export const modificationsOf = ({ jobs }: Desktop): Modification[] =>
  jobs.filter((job): job is Modification => job.kind === 'modification');

/** What it has at that instant: what it was made with, and what was changed since. */
export function hardwareAt(place: Place, desktop: Desktop, at: number): Hardware {
  const bundle = bundles(place).get(desktop.bundleId);
  const { computeType, rootVolumeGib, userVolumeGib } = desktop.hardware ??
    bundle ?? { computeType: 'STANDARD', rootVolumeGib: 80, userVolumeGib: 50 };
  const changes = modificationsOf(desktop)
    .filter(({ to, failed }) => to !== null && to <= at && !failed)
    .map(({ change }) => change);
  return Object.assign({ computeType, rootVolumeGib, userVolumeGib }, ...changes) as Hardware;
}

/** None while nothing is being changed; a failure shows until the next change. */
export function modificationStates(desktop: Desktop, at: number): object[] {
  const last = modificationsOf(desktop).findLast(({ calledAt }) => calledAt <= at);
  if (!last) return [];
  const { resource: Resource, from, to, failed } = last;
  if (at < from) return [{ Resource, State: 'UPDATE_INITIATED' }];
  if (to === null || at < to) return [{ Resource, State: 'UPDATE_IN_PROGRESS' }];
  return failed ? [{ Resource, State: 'UPDATE_FAILED' }] : [];
}

/** AWS sells root and user volumes in set groups. */
export function volumesExist({ computeType, rootVolumeGib: root, userVolumeGib: user }: Hardware): boolean {
  if (root > 2000 || user > 2000) return false;
  if (computeType.startsWith('GRAPHICS')) return root >= 100 && user >= 100;
  return root === 80 ? [10, 50, 100].includes(user) : root >= 175 && user >= 100;
}
