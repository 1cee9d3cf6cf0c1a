/** Begins an upgrade: its workflow id is the lock, so that one bundle is upgraded once at a time. */
import type { Client } from '@temporalio/client';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { selectionText } from '../domain/selection.ts';
import { searchAttributesOf } from '../domain/search-attributes.ts';
import { imageUpgradeId } from '../workflows/image-upgrade.messages.ts';
import { begin, refuseWhileItRuns, type Begun, type Running } from './begin.ts';
import { flagsOf } from './upgrade-choice.ts';

const idOf = ({ target, bundleId }: ImageUpgradeInput): string => imageUpgradeId(target, bundleId);

const running = (workflowId: string): Running => ({
  what: 'an upgrade of this bundle',
  look: `holdfast upgrade status ${flagsOf(workflowId)}`,
});

export async function beginUpgrade(client: Client, input: ImageUpgradeInput): Promise<Begun> {
  const workflowId = idOf(input);
  const summary = `${input.bundleId} to ${input.imageId}, ${selectionText(input.selection)}`;
  const about = { type: 'imageUpgrade', workflowId, input, searchAttributes: searchAttributesOf(input), summary };
  return await begin(client, about, running(workflowId));
}

export async function refuseIfRunning(client: Client, input: ImageUpgradeInput): Promise<void> {
  const workflowId = idOf(input);
  await refuseWhileItRuns(client, workflowId, running(workflowId));
}
