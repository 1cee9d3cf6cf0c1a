/** Which WorkSpaces a restore of many is for, and in which wave each is. */
import { IDS_A_CALL } from '../domain/call-sizes.ts';
import type { Member } from '../domain/eligibility.ts';
import { bundlesProblem, wavePlanOf, type FleetRestoreInput, type FleetRestoreRow } from '../domain/fleet-restore.ts';
import { needsBundle } from '../domain/restore-checks.ts';
import { tagQueries, tagsMatch } from '../domain/selection.ts';
import { assignWaves } from '../domain/waves.ts';
import { isGone } from '../domain/workspace-states.ts';
import { quickCalls, workspacesCalls } from './activities.ts';
import { allPages, chunks } from './fleet-reading.ts';
import { readOwnBundles } from './restore-facts.ts';

export interface FleetRead {
  /** AWS's time. */
  readonly at: string;
  readonly rows: FleetRestoreRow[];
  readonly problems: readonly string[];
}

export async function readFleetRestore(input: FleetRestoreInput): Promise<FleetRead> {
  const { target, selection } = input;
  const ids = selection.workspaceIds.length > 0 ? selection.workspaceIds : await taggedIds(input);
  let at = '';
  const members: Member[] = [];
  for (const some of chunks(ids, IDS_A_CALL)) {
    const page = await workspacesCalls(target).describeFleet({ target, of: { ids: some } });
    at = page.at;
    members.push(...page.members.filter((member) => !isGone(member.state)));
  }
  const inDirectories = members.filter(
    ({ directoryId }) => selection.directoryIds.length === 0 || selection.directoryIds.includes(directoryId),
  );
  const waveOf = assignWaves(
    wavePlanOf(input),
    inDirectories.map(({ workspaceId, directoryId }) => ({ workspaceId, directoryId, tags: {} })),
  );
  const rows = inDirectories.map(({ workspaceId }): FleetRestoreRow => {
    const wave = waveOf.get(workspaceId) ?? 0;
    return { workspaceId, wave, phase: 'waiting', blocked: null, outcome: null, reason: null, newWorkspaceId: null };
  });
  const own = needsBundle(input.strategy) ? (await readOwnBundles(target)).length : 0;
  const noRoom = bundlesProblem(input.strategy, rows.length, own);
  return { at, rows, problems: [...problemsOf(input, rows.length), ...(noRoom === null ? [] : [noRoom])] };
}

async function taggedIds({ target, selection }: FleetRestoreInput): Promise<string[]> {
  const tagsOf = new Map<string, Readonly<Record<string, string>>>();
  const keys = [...selection.allOf, ...selection.anyOf, ...selection.noneOf].map(({ key }) => key);
  for (const query of tagQueries(selection, [])) {
    const tagged = await allPages(async (nextToken) => {
      const page = await quickCalls.findTagged({ target, query, keys, nextToken });
      return { items: page.tagged, nextToken: page.nextToken };
    });
    for (const { workspaceId, tags } of tagged) tagsOf.set(workspaceId, tags);
  }
  return [...tagsOf].filter(([, tags]) => tagsMatch(selection, tags)).map(([workspaceId]) => workspaceId);
}

function problemsOf({ maxResources, confirmCount }: FleetRestoreInput, count: number): string[] {
  if (count === 0) return ['no WorkSpace is selected: give other tags or ids'];
  if (count > maxResources) return [`${count} WorkSpaces are selected, and at most ${maxResources} may be`];
  if (confirmCount === null) return [`${count} WorkSpaces would be restored: confirm that number`];
  if (confirmCount === count) return [];
  return [`${confirmCount} was confirmed, and ${count} WorkSpaces are selected: look again`];
}
