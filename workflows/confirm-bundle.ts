/** Whether a WorkSpace got the image it was rebuilt for. */
import type { Reason } from '../domain/image-upgrade.ts';
import type { Row } from '../domain/upgrade-row.ts';
import { end, isUnderWay, type Shared } from './desktop.ts';

/** No API tells a WorkSpace's image: it is the bundle's, if nobody touched the bundle between these two reads. */
export async function confirmBundle(row: Row, shared: Shared): Promise<void> {
  const outcome = row.action === 'migrate' ? 'migrated' : 'rebuilt';
  const late = (row.dataLossWindowSeconds ?? 0) > 0;
  const reason: Reason | null = late ? { code: 'lateSnapshot' } : row.reason?.code === 'quiet' ? row.reason : null;
  // Since then the bundle may have been set back, which does not undo this rebuild.
  if (row.bundleConfirmed) return end(row, shared, outcome, reason);
  // AWS's times of replies are whole seconds: one of the same second may have been read before the call.
  const bundle = await shared.observer.bundle(Date.parse(row.rebuildRequestedAt ?? '') + 1000);
  const same = bundle?.imageId === shared.settings.imageId && bundle.updatedAt === row.bundleUpdatedAt;
  if (!same)
    return end(row, shared, 'rebuildUnconfirmed', { code: 'bundleChanged', detail: bundle?.imageId ?? 'gone' });
  end(row, shared, outcome, reason);
}

/** Reads the bundle once more for all whose rebuild was called, so that it may change from now on. @throws Interrupted */
export async function confirmBundles(rows: readonly Row[], { settings, observer, agenda }: Shared): Promise<void> {
  const unsure = rows.filter((row) => isUnderWay(row) && !row.bundleConfirmed);
  if (unsure.length === 0) return;
  const since = Math.max(...unsure.map((row) => Date.parse(row.rebuildRequestedAt ?? agenda.isoNow))) + 1000;
  const bundle = await observer.bundle(since);
  for (const row of unsure) {
    row.bundleConfirmed = bundle?.imageId === settings.imageId && bundle.updatedAt === row.bundleUpdatedAt;
  }
}
