/** The real fleet for a rehearsal, read by a worker that serves it: with calls that read only. */
import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { QueryDefinition } from '@temporalio/common';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { searchAttributesOf } from '../domain/search-attributes.ts';
import { TASK_QUEUE } from '../domain/target.ts';
import {
  fleetQuery,
  imageUpgradeFleetId,
  planRowsQuery,
  type FleetWorkspace,
  type ImageUpgradeFleet,
  type Page,
  type PageRequest,
} from '../workflows/image-upgrade.messages.ts';
import { formatDuration } from './duration.ts';
import { onInterrupt } from './interrupt.ts';
import { progress } from './output.ts';
import type { Plan } from './saved-plan.ts';

export interface RealFleet extends ImageUpgradeFleet {
  readonly rows: Plan['rows'];
  readonly workspaces: readonly FleetWorkspace[];
}

type FleetWorkflow = (input: ImageUpgradeInput) => Promise<ImageUpgradeFleet>;
const PAGE = 250;

/** An interrupted command has the worker stop. */
export async function readRealFleet(client: Client, input: ImageUpgradeInput): Promise<RealFleet> {
  const handle = await client.workflow.start<FleetWorkflow>('imageUpgradeFleet', {
    workflowId: `${imageUpgradeFleetId(input.target, input.bundleId)}/${randomUUID().slice(0, 8)}`,
    taskQueue: TASK_QUEUE,
    args: [input],
    searchAttributes: searchAttributesOf(input) as Record<string, string[]>,
  });
  const begun = performance.now();
  const reminder = setInterval(() => {
    const seconds = (performance.now() - begun) / 1000;
    progress(`Reading the fleet, for ${formatDuration(seconds)}: a call for each WorkSpace’s snapshots`);
  }, 10_000);
  const forget = onInterrupt(async () => void (await handle.cancel()));
  try {
    const found = await handle.result();
    const [rows, workspaces] = [await allPages(handle, planRowsQuery), await allPages(handle, fleetQuery)];
    return { ...found, rows, workspaces };
  } finally {
    clearInterval(reminder);
    forget();
  }
}

async function allPages<T>(handle: WorkflowHandle, query: QueryDefinition<Page<T>, [PageRequest]>): Promise<T[]> {
  const rows: T[] = [];
  for (let of = 1; rows.length < of;) {
    const page = await handle.query(query, { offset: rows.length, limit: PAGE });
    rows.push(...page.rows);
    of = page.rows.length === 0 ? 0 : page.of;
  }
  return rows;
}
