/** Which WorkSpaces an upgrade may touch, and why not the others. */
import type { Reason } from './image-upgrade.ts';
import type { Desktop } from './rebuild-gate.ts';
import { nextDue } from './snapshots.ts';
import type { PlanRow } from './upgrade-plan.ts';
import { isGone, isRebuildable } from './workspace-states.ts';

/** A WorkSpace as the preflight sees it. */
export interface Member extends Desktop {
  readonly computerName: string;
  readonly userName: string;
  readonly directoryId: string;
  /** The key of its encrypted volumes; null: not encrypted. */
  readonly keyId: string | null;
  /** Part of a Multi-Region pair: another WorkSpace is its standby, or it is one itself. */
  readonly paired: boolean;
}

/** Key states in which AWS can go on using encrypted volumes; `AccessDenied` says only that we may not look. */
const USABLE_KEY = new Set(['Enabled', 'AccessDenied']);

/** @param keyStates state by key id, as DescribeKey gives it */
export function planRow(member: Member, bundleId: string, keyStates: ReadonlyMap<string, string>): PlanRow {
  const reason = whyNot(member, bundleId, keyStates);
  const { workspaceId, computerName, userName, directoryId, state } = member;
  const verdict = reason ? 'skipped' : isRebuildable(state) ? 'eligible' : 'later';
  return { workspaceId, computerName, userName, directoryId, bundleId: member.bundleId, state, verdict, reason };
}

function whyNot(member: Member, bundleId: string, keyStates: ReadonlyMap<string, string>): Reason | null {
  if (isGone(member.state)) return { code: 'gone', detail: member.state };
  if (member.bundleId !== bundleId) return { code: 'otherBundle', detail: member.bundleId };
  if (member.paired) return { code: 'standby' };
  const key = member.keyId === null ? 'Enabled' : (keyStates.get(member.keyId) ?? 'Enabled');
  return USABLE_KEY.has(key) ? null : { code: 'keyNotUsable', detail: `${member.keyId ?? ''} is ${key}` };
}

/** The row with its snapshot looked at: when the next one is due, and whether that is too late. */
export function withSnapshot(row: PlanRow, snapshot: string | null, deadline: number): PlanRow {
  if (snapshot === null && row.state === 'STOPPED') {
    return { ...row, snapshot, verdict: 'skipped', reason: { code: 'noSnapshotStopped' } };
  }
  const due = nextDue(snapshot);
  if (due === null) return { ...row, snapshot };
  return { ...row, snapshot, dueAt: new Date(due).toISOString(), dueTooLate: due > deadline };
}
