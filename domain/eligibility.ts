/** Which WorkSpaces an upgrade may touch, how, and why not the others. */
import type { ImageUpgradeInput, Reason } from './image-upgrade.ts';
import { nextDue } from './snapshots.ts';
import type { PlanRow } from './upgrade-plan.ts';
import { assignWaves } from './waves.ts';
import { windowRuleOf } from './windows.ts';
import { isGone, isMigratable, isRebuildable } from './workspace-states.ts';

/** A WorkSpace as the preflight sees it. */
export interface Member {
  readonly workspaceId: string;
  readonly state: string;
  readonly bundleId: string;
  readonly computerName: string;
  readonly userName: string;
  readonly directoryId: string;
  /** The key of its encrypted volumes; null: not encrypted. */
  readonly keyId: string | null;
  /** AWS's name, such as WINDOWS_SERVER_2022; null: AWS does not say. */
  readonly operatingSystem: string | null;
  /** Part of a Multi-Region pair: another WorkSpace is its standby, or it is one itself. */
  readonly paired: boolean;
}

/** What WorkSpaces are judged by. */
export interface Terms {
  readonly bundleId: string;
  readonly otherBundle: ImageUpgradeInput['otherBundle'];
  /** The new image; null: it is not known. */
  readonly image: { readonly operatingSystem: string | null; readonly byol: boolean } | null;
  /** Other bundles that were made for restores. */
  readonly restoreBundles: ReadonlySet<string>;
  /** Other bundles whose image is Windows under the customer's own licence, as far as AWS shows it. */
  readonly byolBundles: ReadonlySet<string>;
  /** State by key id, as DescribeKey gives it. */
  readonly keyStates: ReadonlyMap<string, string>;
}

/** Key states in which AWS can go on using encrypted volumes; `AccessDenied` says only that we may not look. */
const USABLE_KEY = new Set(['Enabled', 'AccessDenied']);

/** Its wave and window are still to be told, see `withPlaces`. */
export function planRow(member: Member, terms: Terms): PlanRow {
  const { workspaceId, computerName, userName, directoryId, bundleId, state } = member;
  const reason = whyNot(member, terms);
  const migrates = bundleId !== terms.bundleId && terms.otherBundle === 'migrate';
  const verdict = reason ? 'skipped' : isRebuildable(state) ? 'eligible' : 'later';
  const action = migrates ? 'migrate' : 'rebuild';
  const places = { wave: null, windowRule: null };
  return { workspaceId, computerName, userName, directoryId, bundleId, state, verdict, reason, action, ...places };
}

function whyNot(member: Member, terms: Terms): Reason | null {
  if (isGone(member.state)) return { code: 'gone', detail: member.state };
  if (member.bundleId !== terms.bundleId) {
    const code = terms.restoreBundles.has(member.bundleId) ? 'onRestoreBundle' : 'otherBundle';
    if (terms.otherBundle === 'list') return { code, detail: member.bundleId };
    const detail = whyNotMigrated(member, terms);
    if (detail !== null) return { code: 'cannotMigrate', detail };
  }
  if (member.paired) return { code: 'standby' };
  const key = member.keyId === null ? 'Enabled' : (terms.keyStates.get(member.keyId) ?? 'Enabled');
  return USABLE_KEY.has(key) ? null : { code: 'keyNotUsable', detail: `${member.keyId ?? ''} is ${key}` };
}

/** AWS's rules for MigrateWorkspace. https://docs.aws.amazon.com/workspaces/latest/adminguide/migrate-workspaces.html */
function whyNotMigrated(member: Member, { image, byolBundles }: Terms): string | null {
  const { state, operatingSystem, paired, bundleId } = member;
  if (paired) return 'it is part of a Multi-Region standby pair';
  if (operatingSystem !== null && isLinux(operatingSystem)) return `it runs ${operatingSystem}`;
  if (image?.operatingSystem === 'LINUX') return 'the image is LINUX';
  if (image?.byol === false && byolBundles.has(bundleId)) {
    return `${bundleId} is Windows under your own licence, the image is not`;
  }
  // Other states pass by themselves and are waited out.
  return isRebuildable(state) && !isMigratable(state) ? `it is ${state}` : null;
}

const isLinux = (operatingSystem: string): boolean => !/^(?:WINDOWS|UNKNOWN)/.test(operatingSystem);

export const isGoing = ({ verdict }: PlanRow): boolean => verdict !== 'skipped';

type TagsOf = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** Those of the rows that an upgrade touches, as waves are planned by. */
export const waveMembers = (rows: readonly PlanRow[], tagsOf: TagsOf) =>
  rows.filter(isGoing).map(({ workspaceId, directoryId }) => {
    return { workspaceId, directoryId, tags: tagsOf.get(workspaceId) ?? {} };
  });

/** The rows with the wave and the window of each that an upgrade touches. */
export function withPlaces(
  { waves, windows }: Pick<ImageUpgradeInput, 'waves' | 'windows'>,
  rows: readonly PlanRow[],
  tagsOf: TagsOf,
): PlanRow[] {
  const members = waveMembers(rows, tagsOf);
  const waveOf = assignWaves(waves, members);
  const ruleOf = new Map(members.map((member) => [member.workspaceId, windowRuleOf(windows, member)]));
  return rows.map((row) => {
    const { workspaceId } = row;
    return { ...row, wave: waveOf.get(workspaceId) ?? null, windowRule: ruleOf.get(workspaceId) ?? null };
  });
}

/** The row of a WorkSpace that turned out not to be touched. */
export const leftOut = (row: PlanRow, reason: Reason): PlanRow => {
  return { ...row, verdict: 'skipped', reason, wave: null, windowRule: null };
};

/** The row with its snapshot looked at: when the next one is due, and whether that is too late. */
export function withSnapshot(row: PlanRow, snapshot: string | null, deadline: number): PlanRow {
  if (snapshot === null && row.state === 'STOPPED') {
    return leftOut({ ...row, snapshot }, { code: 'noSnapshotStopped' });
  }
  const due = nextDue(snapshot);
  if (due === null) return { ...row, snapshot };
  return { ...row, snapshot, dueAt: new Date(due).toISOString(), dueTooLate: due > deadline };
}
