/** Names of what a restore makes in AWS: the same in every attempt, another one in every run. */

const MOST = 64;
const BUNDLES_BEGIN = 'holdfast-restore-';

/** It was made for one WorkSpace, and is never set to another image. */
export const isRestoreBundle = (name: string): boolean => name.startsWith(BUNDLES_BEGIN);

/** AWS lets a deleted bundle's name be used again only after two hours: so each bundle of a run has its number. */
export function restoreBundleName(workspaceId: string, runId: string, attempt: number): string {
  const ending = `-${runId.replaceAll('-', '').slice(0, 8)}${attempt === 1 ? '' : `-${attempt}`}`;
  return `${`${BUNDLES_BEGIN}${workspaceId}`.slice(0, MOST - ending.length)}${ending}`;
}

/** `<computer>-before-restore-<YYYY-MM-DD-HHMM>`, within AWS's pattern and length. @param at AWS's time */
export function lastImageName(computerName: string, at: string): string {
  const ending = `-before-restore-${at.slice(0, 10)}-${at.slice(11, 13)}${at.slice(14, 16)}`;
  const computer = computerName.replaceAll(/[^a-zA-Z0-9_.-]/g, '-') || 'workspace';
  return `${computer.slice(0, MOST - ending.length)}${ending}`;
}
