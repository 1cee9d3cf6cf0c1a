/** The WorkSpaces that an image backup is for, with the tags that its windows go by. Reads only. */
import type { BackupMember } from '../domain/backup-eligibility.ts';
import { IDS_A_CALL } from '../domain/call-sizes.ts';
import type { ImageBackupInput } from '../domain/image-backup.ts';
import { tagsMatch } from '../domain/selection.ts';
import type { Target } from '../domain/target.ts';
import { imageReads } from './activities.ts';
import { allPages, chunks, readTags } from './fleet-reading.ts';

type Tags = Readonly<Record<string, string>>;

export interface BackupFleet {
  /** AWS's time when it was read; empty: it was not, or nobody is selected. */
  readonly at: string;
  readonly members: readonly BackupMember[];
  /** Ids of the selection that AWS does not know. */
  readonly unknown: readonly string[];
  readonly tagsOf: ReadonlyMap<string, Tags>;
}

export async function readBackupFleet(input: ImageBackupInput): Promise<BackupFleet> {
  const { target, selection, windows } = input;
  const others = windows.map(({ tag }) => tag).filter((tag) => tag !== null);
  const tagsOf = await readTags(target, selection, others);
  const { workspaceIds, allOf, anyOf, directoryIds } = selection;
  const byTag = allOf.length + anyOf.length > 0;
  const candidates = workspaceIds.length > 0 ? [...new Set(workspaceIds)] : byTag ? [...tagsOf.keys()] : null;
  const matching = candidates?.filter((id) => tagsMatch(selection, tagsOf.get(id) ?? {})) ?? null;
  const { at, members } =
    matching === null ? await readDirectories(target, directoryIds) : await readMembers(target, matching);
  const found = new Set(members.map(({ workspaceId }) => workspaceId));
  const isSelected = ({ workspaceId, directoryId }: BackupMember): boolean =>
    (directoryIds.length === 0 || directoryIds.includes(directoryId)) &&
    tagsMatch(selection, tagsOf.get(workspaceId) ?? {});
  return {
    at,
    members: members.filter(isSelected),
    // Whom the tags leave out was not asked for.
    unknown: workspaceIds.filter((id) => !found.has(id) && (matching ?? []).includes(id)),
    tagsOf,
  };
}

async function readMembers(target: Target, ids: readonly string[]): Promise<{ at: string; members: BackupMember[] }> {
  const members: BackupMember[] = [];
  let last = '';
  for (const some of chunks(ids, IDS_A_CALL)) {
    const { at, found } = await imageReads(target).describeBackupMembers({ target, of: { ids: some } });
    members.push(...found);
    last = at;
  }
  return { at: last, members };
}

async function readDirectories(
  target: Target,
  directoryIds: readonly string[],
): Promise<{ at: string; members: BackupMember[] }> {
  let last = '';
  const members: BackupMember[] = [];
  for (const directoryId of new Set(directoryIds)) {
    const its = await allPages(async (nextToken) => {
      const page = await imageReads(target).describeBackupMembers({ target, of: { directoryId, nextToken } });
      last = page.at;
      return { items: page.found, nextToken: page.nextToken };
    });
    members.push(...its);
  }
  return { at: last, members };
}
