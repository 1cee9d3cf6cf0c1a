/**
 * Finds what Holdfast made and nobody needs, and deletes of it what was asked for: a bundle, then its image. Each is decided
 * again on what AWS shows right before; AWS itself refuses what is in use.
 */
import { setCurrentDetails } from '@temporalio/workflow';
import { KEEP_TAG } from '../domain/holdfast-tags.ts';
import { decideSweep, type SweepItem } from '../domain/sweep.ts';
import { restoreCalls, sweepCalls } from './activities.ts';
import { troubleOf } from './failures.ts';
import { deleteImage, type Deletion } from './image-deletion.ts';
import { readOne, readSweep } from './sweep-reading.ts';
import type { SweepInput, SweepResult, SweptItem } from './sweep.messages.ts';

export async function sweep(input: SweepInput): Promise<SweepResult> {
  const { ids } = input;
  setCurrentDetails(ids === null ? 'Looking at what Holdfast made; nothing is changed' : 'Sweeping');
  const facts = await readSweep(input.target);
  const items: SweptItem[] = [];
  for (const item of decideSweep(facts)) {
    const isWanted = item.goes && ids?.includes(item.id) === true;
    items.push(isWanted ? await sweepOne(input, item, facts.asOf) : { ...item, outcome: 'kept' });
  }
  setCurrentDetails(`${items.filter(({ outcome }) => outcome === 'deleted').length} of ${items.length} were deleted`);
  return { items };
}

async function sweepOne(input: SweepInput, item: SweepItem, asOf: string): Promise<SweptItem> {
  try {
    const now = decideSweep(await readOne(input.target, asOf, item)).find(({ kind }) => kind === item.kind);
    if (!now) return { ...item, outcome: 'gone' };
    if (!now.goes) return { ...now, outcome: 'kept' };
    const { outcome, text } = await remove(input, item);
    return { ...now, outcome, reasons: text === null ? now.reasons : [...now.reasons, text] };
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    return { ...item, outcome: 'notDeleted', reasons: [...item.reasons, trouble.message] };
  }
}

async function remove({ target }: SweepInput, { kind, id }: SweepItem): Promise<Deletion> {
  switch (kind) {
    case 'image':
      return await deleteImage(target, id);
    case 'bundle':
      await restoreCalls(target).deleteBundle({ target, bundleId: id });
      return DELETED;
    case 'tag':
      await sweepCalls(target).untagImage({ target, imageId: id, key: KEEP_TAG });
      return DELETED;
  }
}

const DELETED: Deletion = { outcome: 'deleted', text: null };
