/** What a plan comes to, as a hash: what a person approves, and what a run holds its own plan against. */
import { canonicalJson, sha256Hex } from './canonical-json.ts';
import { REASONS, type ImageUpgradeInput, type Reason } from './image-upgrade.ts';
import type { PlanRow } from './upgrade-plan.ts';

/** What a plan found, besides its parameters. */
export interface PlanFindings {
  /** The image that the bundle carries, to which it would go back; null: none is known. */
  readonly presentImageId: string | null;
  readonly rows: readonly PlanRow[];
}

/**
 * SHA-256, hex, of the parameters, of the image that the bundle would go back to, and of what becomes of each WorkSpace.
 * What passes by itself is not in it (states, when snapshots come, who connects), nor is the approval, which names the hash.
 *
 * @param found its rows as judged before snapshots are looked at: a run does not look at them all beforehand, a plan does.
 */
export function planHash(input: ImageUpgradeInput, { presentImageId, rows }: PlanFindings): string {
  const { approval: _approval, ...settings } = input;
  const verdicts = rows
    .toSorted(byId)
    .map((row) =>
      isSkipped(row)
        ? [row.workspaceId, 'skipped', row.reason?.code ?? null]
        : [row.workspaceId, 'upgrade', row.action, row.wave, row.windowRule],
    );
  return sha256Hex(canonicalJson({ settings, presentImageId, verdicts }));
}

const MOST_LINES = 20;

/** What makes two plans different, a sentence each; empty: only their parameters differ, or nothing does. */
export function planDifference(before: PlanFindings, after: PlanFindings): string[] {
  const old = new Map(before.rows.map((row) => [row.workspaceId, row]));
  const present = new Map(after.rows.map((row) => [row.workspaceId, row]));
  const ids = [...new Set([...old.keys(), ...present.keys()])].toSorted(compare);
  const rowLines = ids.flatMap((id) => changeOf(old.get(id), present.get(id)) ?? []);
  const lines = [...imageChange(before, after), ...rowLines];
  const left = lines.length - MOST_LINES;
  return left > 0 ? [...lines.slice(0, MOST_LINES), `and ${left} more`] : lines;
}

function imageChange(before: PlanFindings, after: PlanFindings): string[] {
  if (before.presentImageId === after.presentImageId) return [];
  const [old, present] = [before.presentImageId ?? 'an unknown image', after.presentImageId ?? 'an unknown image'];
  return [`the bundle carries ${present}, not ${old}: that is the image to which it would go back`];
}

function changeOf(before: PlanRow | undefined, after: PlanRow | undefined): string | null {
  if (!after) return before ? `${named(before)} is gone from the plan` : null;
  if (!before) return `${named(after)} is new in the plan: ${fate(after)}`;
  if (isSkipped(before) && isSkipped(after)) {
    return before.reason?.code === after.reason?.code
      ? null
      : `${named(after)} is ${fate(after)}; before, ${because(before.reason)}`;
  }
  if (isSkipped(before) !== isSkipped(after)) return `${named(after)} is now ${fate(after)}`;
  const changes = [
    ...(before.action === after.action ? [] : [`is to be ${DONE[after.action]}, not ${DONE[before.action]}`]),
    ...(before.wave === after.wave ? [] : [`is in ${waveText(after)}, not in ${waveText(before)}`]),
    ...(before.windowRule === after.windowRule ? [] : [`may begin ${hoursText(after)}, not ${hoursText(before)}`]),
  ];
  return changes.length === 0 ? null : `${named(after)} ${changes.join(', and ')}`;
}

const DONE = { rebuild: 'rebuilt', migrate: 'migrated' } as const;

/** Waves are counted from 1 for people. */
const waveText = ({ wave }: PlanRow): string => (wave === null ? 'no wave' : `wave ${wave + 1}`);

/** As the plan lists the windows, from 1. */
const hoursText = ({ windowRule }: PlanRow): string =>
  windowRule === null ? 'at any time' : `in window ${windowRule + 1}`;

const fate = (row: PlanRow): string =>
  isSkipped(row) ? `left out: ${because(row.reason)}` : `to be ${DONE[row.action]} in ${waveText(row)}`;

const because = (reason: Reason | null): string => (reason ? REASONS[reason.code] : 'no reason was given');

const named = ({ workspaceId, computerName, userName }: PlanRow): string =>
  `${workspaceId} (${[computerName, userName].filter(Boolean).join(', ')})`;

const isSkipped = ({ verdict }: PlanRow): boolean => verdict === 'skipped';
const byId = (a: PlanRow, b: PlanRow): number => compare(a.workspaceId, b.workspaceId);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
