/** What happens to WorkSpaces while an upgrade runs: changes of the sandbox that no API of AWS's makes. */
import assert from 'node:assert/strict';
import { desktops, type Desktop, type State } from '../../sandbox/services/workspaces/rows.ts';
import { setTags } from '../../sandbox/services/workspaces/tags.ts';
import { plan } from '../../sandbox/services/workspaces/timeline.ts';
import type { Rig } from './upgrade.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** The fleet's nth WorkSpace, as the sandbox keeps it. */
export function desktopOf(rig: Rig, index: number): Desktop {
  const { workspaceId } = rig.fleet.members[index] ?? assert.fail(`the fleet has no WorkSpace ${index}`);
  return desktops(rig.fleet.place).get(workspaceId) ?? assert.fail(`${workspaceId} does not exist`);
}

/** It enters a state now; and, after so many minutes, another one. */
export function enter(
  rig: Rig,
  index: number,
  state: State,
  then?: { readonly after: number; readonly state: State },
): void {
  const now = rig.sandbox.clock.now();
  const next = then ? [{ at: now + then.after * MINUTE, state: then.state }] : [];
  plan(desktopOf(rig, index), now, [{ at: now, state }, ...next]);
}

export function moveToBundle(rig: Rig, index: number, bundleId: string): void {
  const desktop = desktopOf(rig, index);
  desktops(rig.fleet.place).set(desktop.workspaceId, { ...desktop, bundleId });
}

export function removeTags(rig: Rig, index: number): void {
  setTags(rig.fleet.place, desktopOf(rig, index).workspaceId, {}, rig.sandbox.clock.now());
}

/** Its user is connected in that span of minutes from now on. */
export function connect(rig: Rig, index: number, from: number, to: number): void {
  const now = rig.sandbox.clock.now();
  desktopOf(rig, index).connections.push({ from: now + from * MINUTE, to: now + to * MINUTE });
}
