/** What backup images are called: the same whenever it is asked, so that a repeated call finds the image of the first. */

/** AWS's limit; its pattern allows letters, digits and `_ . / ( ) \ -`. https://docs.aws.amazon.com/workspaces/latest/api/API_CreateWorkspaceImage.html */
const LONGEST = 64;
const NOT_ALLOWED = /[^a-zA-Z0-9_./()\\-]/g;
const HASH_LENGTH = 8;

/** `2026-03-02-0200`, in UTC. */
const minuteOf = (iso: string): string => iso.slice(0, 16).replace('T', '-').replace(':', '');

export interface Named {
  readonly workspaceId: string;
  readonly computerName: string;
}

/**
 * `<computer>-backup-<YYYY-MM-DD-HHMM>`. Where the computer's name has no room or signs that AWS does not take, it is
 * shortened, and a hash keeps apart what would be called the same.
 *
 * @param startedAt AWS's time when the run began, ISO
 * @param apart what tells it from another image that has the name already; empty: nothing has
 */
export function imageName({ workspaceId, computerName }: Named, startedAt: string, apart = ''): string {
  const end = `-backup-${minuteOf(startedAt)}`;
  const bare = computerName.replaceAll(NOT_ALLOWED, '_');
  const fits = bare === computerName && bare !== '' && bare.length + end.length <= LONGEST && apart === '';
  if (fits) return bare + end;
  const hash = `-${hashOf(`${workspaceId} ${computerName} ${apart}`)}`;
  return bare.slice(0, LONGEST - end.length - hash.length) + hash + end;
}

/** The names of a run's images, in the order of its WorkSpaces: computers of the same name are kept apart. */
export function imageNames(workspaces: readonly Named[], startedAt: string): string[] {
  const counts = new Map<string, number>();
  for (const each of workspaces) {
    const key = each.computerName.toUpperCase();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return workspaces.map((each) => {
    const shared = (counts.get(each.computerName.toUpperCase()) ?? 0) > 1;
    return imageName(each, startedAt, shared ? each.workspaceId : '');
  });
}

/** FNV-1a: nothing depends on its strength, and a workflow has no crypto. */
function hashOf(text: string): string {
  let [low, high] = [0x811c9dc5, 0x01000193];
  for (const sign of text) {
    low = Math.imul(low ^ (sign.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    high = Math.imul(high ^ low, 0x85ebca6b) >>> 0;
  }
  const hex = low.toString(16).padStart(8, '0') + high.toString(16).padStart(8, '0');
  return hex.slice(0, HASH_LENGTH / 2) + hex.slice(-HASH_LENGTH / 2);
}
