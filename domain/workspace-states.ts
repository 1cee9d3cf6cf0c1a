/** AWS's WorkSpace states, by what a rebuild can do with them. https://docs.aws.amazon.com/workspaces/latest/api/API_RebuildWorkspaces.html */

/** RebuildWorkspaces takes these; IMPAIRED is another name of UNHEALTHY. REBOOTING is left out: it passes by itself. */
const REBUILDABLE = new Set(['AVAILABLE', 'STOPPED', 'ERROR', 'UNHEALTHY', 'IMPAIRED']);
/** MigrateWorkspace takes these. https://docs.aws.amazon.com/workspaces/latest/adminguide/migrate-workspaces.html */
const MIGRATABLE = new Set(['AVAILABLE', 'STOPPED', 'ERROR']);
const ENDING = new Set(['TERMINATING', 'TERMINATED']);
/** Where a rebuild ends well. */
const SETTLED = new Set(['AVAILABLE', 'STOPPED']);
/** Where a rebuild ends badly. */
const BROKEN = new Set(['ERROR', 'UNHEALTHY', 'IMPAIRED']);

export const isRebuildable = (state: string): boolean => REBUILDABLE.has(state);
export const isMigratable = (state: string): boolean => MIGRATABLE.has(state);
export const isGone = (state: string): boolean => ENDING.has(state);
export const isSettled = (state: string): boolean => SETTLED.has(state);
export const isBroken = (state: string): boolean => BROKEN.has(state);
