/** A fleet as it stands, for a rehearsal: read-only, nothing is changed. It can be asked for by page, also after the end. */
import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import { IDS_A_CALL } from '../domain/call-sizes.ts';
import { bareName } from '../domain/computer-names.ts';
import type { Member } from '../domain/eligibility.ts';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { snapshotAsOf, type Connection } from '../domain/snapshots.ts';
import type { Target } from '../domain/target.ts';
import type { PlanRow } from '../domain/upgrade-plan.ts';
import { workspacesCalls } from './activities.ts';
import { chunks, readFleet } from './fleet-reading.ts';
import { preflight, type Preflight } from './image-upgrade-preflight.ts';
import {
  fleetQuery,
  planRowsQuery,
  type FleetWorkspace,
  type ImageUpgradeFleet,
  type PageRequest,
} from './image-upgrade.messages.ts';
import { validInput } from './input.ts';

export async function imageUpgradeFleet(raw: ImageUpgradeInput): Promise<ImageUpgradeFleet> {
  const input = validInput(raw);
  let rows: readonly PlanRow[] = [];
  let workspaces: readonly FleetWorkspace[] = [];
  setHandler(planRowsQuery, (request) => pageOf(rows, request));
  setHandler(fleetQuery, (request) => pageOf(workspaces, request));
  setCurrentDetails('Reading the fleet for a rehearsal; nothing is changed');
  const found = await preflight(input, { plan: true });
  rows = found.rows;
  const plan = found.summary;
  const isWorth = plan.problems.length === 0 && plan.counts.eligible + plan.counts.later > 0;
  if (!isWorth) return { plan, bundles: [], images: [] };
  workspaces = await readWorkspaces(input, found);
  setCurrentDetails(`${workspaces.length} WorkSpaces were read for a rehearsal`);
  const bundleIds = [...new Set([input.bundleId, ...workspaces.map(({ bundleId }) => bundleId)])];
  return { plan, ...(await readBundles(input, bundleIds)) };
}

const pageOf = <T>(all: readonly T[], { offset, limit }: PageRequest) => ({
  rows: all.slice(offset, offset + limit),
  of: all.length,
});

/** All on the bundle, and who else is selected. What the plan has left out is not looked at more closely. */
async function readWorkspaces(input: ImageUpgradeInput, { summary, rows, agents }: Preflight) {
  const { selected, outside, tagsOf } = await readFleet(input);
  const rowOf = new Map(rows.map((row) => [row.workspaceId, row]));
  const going = rows.flatMap((row) => (row.verdict === 'skipped' ? [] : row.workspaceId));
  const connections = await readConnections(input.target, going);
  return [...selected, ...outside].map((member: Member): FleetWorkspace => {
    const row = rowOf.get(member.workspaceId);
    return {
      ...member,
      snapshot: snapshotAsOf(row?.snapshot ?? null, summary.asOf),
      connection: connections.get(member.workspaceId) ?? null,
      tags: tagsOf.get(member.workspaceId) ?? {},
      keyUnusable: row?.reason?.code === 'keyNotUsable',
      agentOnline: agents.online.has(bareName(member.computerName)),
    };
  });
}

async function readConnections(target: Target, ids: readonly string[]): Promise<ReadonlyMap<string, Connection>> {
  const connections = new Map<string, Connection>();
  for (const some of chunks(ids, IDS_A_CALL)) {
    const { found } = await workspacesCalls(target).describeConnections({ target, ids: some });
    for (const { workspaceId, ...connection } of found) connections.set(workspaceId, connection);
  }
  return connections;
}

/** Bundles that AWS does not know any more, though WorkSpaces have them, are left out. */
async function readBundles({ target, imageId }: ImageUpgradeInput, bundleIds: readonly string[]) {
  const bundles: ImageUpgradeFleet['bundles'][number][] = [];
  for (const bundleId of bundleIds) {
    const { bundle } = await workspacesCalls(target).describeBundle({ target, bundleId });
    if (bundle?.imageId) bundles.push({ ...bundle, imageId: bundle.imageId });
  }
  const imageIds = [...new Set([imageId, ...bundles.map((bundle) => bundle.imageId)])];
  const images: ImageUpgradeFleet['images'][number][] = [];
  for (const some of chunks(imageIds, IDS_A_CALL)) {
    images.push(...(await workspacesCalls(target).describeImages({ target, imageIds: some })));
  }
  return { bundles, images };
}
