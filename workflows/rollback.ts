/** Rebuilds onto the previous image what a run rebuilt: an upgrade of its own, so with the same care. */
import { startChild, workflowInfo } from '@temporalio/workflow';
import { DEFAULTS, type ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { searchAttributesOf } from '../domain/search-attributes.ts';
import { NO_SELECTION } from '../domain/selection.ts';
import { ONE_WAVE } from '../domain/waves.ts';
import { reports } from './activities.ts';
import type { imageUpgrade } from './image-upgrade.ts';
import { rollbackId } from './image-upgrade.messages.ts';
import { untilWritten } from './report-writing.ts';
import { enter, note, type Run } from './upgrade-run.ts';

type Place = Parameters<typeof reports.rebuiltIds>[0]['place'];

export async function rebuildBack(run: Run, place: Place): Promise<void> {
  const { input, state } = run;
  const imageId = state.plan?.previousImageId ?? null;
  const say = (trouble: string | null): void => void (state.retrying = trouble);
  const { ids } = await untilWritten(() => reports.rebuiltIds({ place }), say);
  if (imageId === null || ids.length === 0) return;
  enter(run, 'rollingBack');
  const back = backTo(input, imageId, ids);
  const child = await startChild<typeof imageUpgrade>('imageUpgrade', {
    workflowId: rollbackId(workflowInfo().workflowId),
    args: [back],
    searchAttributes: searchAttributesOf(input),
    staticSummary: `back to ${imageId}`,
  });
  state.rollback.workflowId = child.workflowId;
  const { outcome, counts, report } = await child.result();
  state.rollback.result = { outcome, counts, report };
  const answer = `${counts.rebuilt} of ${ids.length} WorkSpaces were rebuilt onto ${imageId}`;
  note(run, 'rebuild back', { by: null, reason: null }, answer);
}

/** Everybody who was rebuilt, as they were selected, in one wave and without limits: a person has asked for it. */
const backTo = (input: ImageUpgradeInput, imageId: string, ids: readonly string[]): ImageUpgradeInput => ({
  ...input,
  imageId,
  selection: { ...NO_SELECTION, workspaceIds: ids },
  maxResources: null,
  maxResourcesPercent: null,
  otherBundle: 'list',
  waves: ONE_WAVE,
  keepBundle: true,
  approval: DEFAULTS.approval,
  afterwards: { deleteScheduleId: null, deleteStackName: null },
});
