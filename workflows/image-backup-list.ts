/** Which backup images there are, and what has become of their WorkSpaces: read-only. Also of those that are terminated. */
import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import { KEEP_TAG, POLICY_TAG, RUN_TAG, USER_TAG, WORKSPACE_TAG, CAPABILITY_TAG } from '../domain/holdfast-tags.ts';
import type { BackupMember } from '../domain/backup-eligibility.ts';
import type { ListedImage } from '../domain/backup-plan.ts';
import { IDS_A_CALL } from '../domain/call-sizes.ts';
import type { BackupImage } from '../domain/image-retention.ts';
import type { Target } from '../domain/target.ts';
import { imageReads } from './activities.ts';
import { chunks } from './fleet-reading.ts';
import { backupListQuery } from './image-backup.messages.ts';
import { readImages } from './image-reading.ts';

export async function imageBackupList({ target }: { readonly target: Target }): Promise<{ readonly images: number }> {
  let listed: readonly ListedImage[] = [];
  setHandler(backupListQuery, ({ offset, limit }) => {
    return { rows: listed.slice(offset, offset + limit), of: listed.length };
  });
  setCurrentDetails('Reading images; nothing is changed');
  const { images } = await readImages(target);
  const backups = images.filter(({ tags }) => tags[CAPABILITY_TAG] === 'imageBackup');
  const ids = [...new Set(backups.flatMap(({ tags }) => tags[WORKSPACE_TAG] ?? []))];
  const members = new Map<string, BackupMember>();
  for (const some of chunks(ids, IDS_A_CALL)) {
    const { found } = await imageReads(target).describeBackupMembers({ target, of: { ids: some } });
    for (const member of found) members.set(member.workspaceId, member);
  }
  listed = backups.map((image) => toListed(image, members)).toSorted(byWorkspace);
  setCurrentDetails(`${listed.length} backup images`);
  return { images: listed.length };
}

function toListed(image: BackupImage, members: ReadonlyMap<string, BackupMember>): ListedImage {
  const { imageId, name, state, createdAt, tags, bundleIds } = image;
  const workspaceId = tags[WORKSPACE_TAG] ?? null;
  return {
    imageId,
    name,
    state,
    createdAt,
    workspaceId,
    user: tags[USER_TAG] ?? null,
    policy: tags[POLICY_TAG] ?? null,
    run: tags[RUN_TAG] ?? null,
    keep: tags[KEEP_TAG] ?? null,
    bundleIds,
    workspaceState: workspaceId === null ? null : (members.get(workspaceId)?.state ?? null),
  };
}

/** Those of one WorkSpace together, the newest first. */
const byWorkspace = (a: ListedImage, b: ListedImage): number =>
  (a.workspaceId ?? '').localeCompare(b.workspaceId ?? '') || b.createdAt.localeCompare(a.createdAt);
