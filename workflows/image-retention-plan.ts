/** What a policy would keep and delete now: read-only. Its rows can be asked for by page, also after its end. */
import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import { decideRetention, sharingWanted } from '../domain/image-retention.ts';
import { retentionRow, type RetentionRow } from '../domain/retention-row.ts';
import { readImages, withSharing } from './image-reading.ts';
import { retentionRowsQuery, type RetentionPlan, type RetentionPlanInput } from './image-retention.messages.ts';

export async function imageRetentionPlan({ target, policy, policyName }: RetentionPlanInput): Promise<RetentionPlan> {
  let rows: readonly RetentionRow[] = [];
  setHandler(retentionRowsQuery, ({ offset, limit }) => ({
    rows: rows.slice(offset, offset + limit),
    of: rows.length,
  }));
  setCurrentDetails('Reading the images; nothing is changed');
  const { at, images: listed } = await readImages(target);
  const wanted = sharingWanted(decideRetention(policy, listed, at, policyName));
  const images = await withSharing(target, listed, wanted);
  const decided = decideRetention(policy, images, at, policyName);
  rows = images.flatMap((image, index) => {
    const decision = decided.decisions[index];
    return decision ? retentionRow(image, decision, decision.keep ? 'kept' : 'deleted') : [];
  });
  const deleted = rows.filter(({ keep }) => !keep).length;
  setCurrentDetails(`${deleted} of ${rows.length} images would be deleted`);
  return {
    asOf: at,
    refused: decided.ok ? null : decided.refused,
    counts: { images: rows.length, kept: rows.length - deleted, deleted },
  };
}
