/** Rebuilds onto the previous image what a run had AWS rebuild: an upgrade of its own, so with the same care. */
import { startChild, workflowInfo, type ChildWorkflowHandle } from '@temporalio/workflow';
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

const NOBODY = { by: null, reason: null };
const NOTHING_TO_REBUILD = 'nobody is rebuilt onto the previous image: the run had AWS rebuild no WorkSpace';

export async function rebuildBack(run: Run, place: Place): Promise<void> {
  const { input, state } = run;
  const imageId = state.plan?.previousImageId ?? null;
  const say = (trouble: string | null): void => void (state.retrying = trouble);
  const { ids } = await untilWritten(() => reports.rebuiltIds({ place }), say);
  // Cancelled meanwhile.
  if (!state.rollback.wanted) return;
  if (imageId === null || ids.length === 0) {
    note(run, 'rebuild back', NOBODY, imageId === null ? 'the previous image is not known' : NOTHING_TO_REBUILD);
    return;
  }
  enter(run, 'rollingBack');
  const { windows, maxConcurrent } = state;
  const back = backTo({ ...input, windows, maxConcurrent }, imageId, ids);
  const child = await startChild<typeof imageUpgrade>('imageUpgrade', {
    workflowId: rollbackId(workflowInfo().workflowId),
    args: [back],
    searchAttributes: searchAttributesOf(input),
    staticSummary: `back to ${imageId}`,
  });
  state.rollback.workflowId = child.workflowId;
  note(run, 'rebuild back', NOBODY, await howItEnded(run, child, `of ${ids.length}`));
}

/** A rollback that was terminated, cancelled or failed does not undo what the run itself has done. */
async function howItEnded(run: Run, child: ChildWorkflowHandle<typeof imageUpgrade>, of: string): Promise<string> {
  try {
    const { outcome, counts, report } = await child.result();
    run.state.rollback.result = { outcome, counts, report };
    return `${counts.rebuilt} ${of} WorkSpaces were rebuilt onto the previous image: ${outcome}`;
  } catch (error) {
    return `it did not come to its end: ${(error as Error).message}`;
  }
}

/** Everybody whom AWS was asked to rebuild, as they were selected, in one wave and without limits: a person has asked for it. */
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
