/** What really happened to a fleet, and how its run says that it ended. */
import type { CallFilter } from '../../sandbox/recorder.ts';
import { bundles, desktops } from '../../sandbox/services/workspaces/rows.ts';
import { objects, buckets } from '../../sandbox/services/s3/rows.ts';
import { scriptsRun, type Shown } from '../../sandbox/services/ssm/commands.ts';
import { rebuildCallsOf, rebuildIntervals } from '../../sandbox/services/workspaces/ground-truth.ts';
import type { World } from '../../sandbox/service.ts';
import type { Row } from '../../domain/upgrade-row.ts';
import { rowsOf, type Rig, type Upgrade } from './upgrade.ts';

const MINUTE = 60_000;
const HOURS_12 = 720 * MINUTE;

/** The id of the fleet's nth WorkSpace. */
export const idOf = (rig: Rig, index: number): string => rig.fleet.members[index]?.workspaceId ?? '';

/**
 * The next snapshots come so many minutes after the start, and every 12 hours before and after. A run that reads its
 * baselines only after that waits 12 hours more: leave it an hour or two, for at speed 2000 an hour is 1.8 s.
 */
export function snapshotsDue(rig: Rig, minutesOf: (index: number) => number): void {
  const table = desktops(rig.fleet.place);
  for (const [index, { workspaceId }] of rig.fleet.members.entries()) {
    const desktop = table.get(workspaceId);
    if (!desktop) continue;
    const first = rig.fleet.start + minutesOf(index) * MINUTE - 2 * HOURS_12;
    desktop.snapshotEpochs = [{ from: desktop.createdAt, first, to: null }];
  }
  table.touch();
}

/** Acts as soon as such a call has had its effect, before anybody can look: waiting for the call would leave time to. */
export function atFirstCall({ sandbox }: Pick<Rig, 'sandbox'>, filter: CallFilter, act: () => void): void {
  const { recorder } = sandbox;
  const add = recorder.add.bind(recorder);
  recorder.add = (call) => {
    add(call);
    if (recorder.count(filter) === 0) return;
    recorder.add = add;
    act();
  };
}

/** How often AWS really began to rebuild each WorkSpace of the fleet. */
export function rebuildsBegun(rig: Rig): Record<string, number> {
  const begun = Object.fromEntries(rig.fleet.members.map(({ workspaceId }) => [workspaceId, 0]));
  for (const { workspaceId } of rebuildIntervals(rig.fleet.place)) begun[workspaceId] = (begun[workspaceId] ?? 0) + 1;
  return begun;
}

/** What AWS made of each call of RebuildWorkspaces for the nth WorkSpace, those cut before the effect not among them. */
export const rebuildEffects = (rig: Rig, index: number): string[] =>
  rebuildCallsOf(rig.fleet.place, idOf(rig, index)).map(({ effect }) => effect);

/** What was shown on the screen of the nth WorkSpace, the first thing first. */
export const shownOn = (rig: Rig, index: number): Shown[] =>
  scriptsRun(rig.fleet.place).filter(({ workspaceId }) => workspaceId === idOf(rig, index));

/** When AWS really began to rebuild the nth WorkSpace for the first time; undefined: never. */
export const rebuildBegan = (rig: Rig, index: number): number | undefined =>
  rebuildIntervals(rig.fleet.place).find(({ workspaceId }) => workspaceId === idOf(rig, index))?.from;

/** The row of the nth WorkSpace; undefined while no cohort has it. */
export async function rowAt(rig: Rig, upgrade: Upgrade, index: number): Promise<Row | undefined> {
  const rows = await rowsOf(rig, upgrade).catch(() => []);
  return rows.find(({ workspaceId }) => workspaceId === idOf(rig, index));
}

/** The image that the fleet's bundle carries. */
export const bundleImage = (rig: Rig): string | undefined =>
  bundles(rig.fleet.place).get(rig.fleet.spec.bundle.bundleId)?.images.at(-1)?.imageId;

/** A colleague sets the fleet's bundle to another image. */
export function setBundleImage(rig: Rig, imageId: string): void {
  const table = bundles(rig.fleet.place);
  table.get(rig.fleet.spec.bundle.bundleId)?.images.push({ at: rig.fleet.start, imageId });
  table.touch();
}

/** Outcome and reason by WorkSpace: what must be the same however rough the way was. */
export async function outcomesOf(rig: Rig, upgrade: Upgrade): Promise<Record<string, string>> {
  const rows = await rowsOf(rig, upgrade);
  const entries = rows.map(({ workspaceId, outcome, reason }) => [
    workspaceId,
    [outcome, reason?.code].join(' ').trim(),
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

export interface Report {
  readonly totals: Readonly<Record<string, number>>;
  readonly aborted: { readonly reason: string | null } | null;
  readonly steering: readonly { readonly what: string; readonly answer: string }[];
  readonly workspaces: readonly { readonly workspaceId: string; readonly outcome: string | null }[];
}

/** Every object in the report bucket, by key. */
export const filesOf = (rig: Rig): Promise<Record<string, string>> =>
  filesIn(rig.sandbox.world, rig.fleet.spec.reportBucket);

/** Every object in a bucket, by key. */
export async function filesIn(world: World, name: string): Promise<Record<string, string>> {
  const bucket = buckets(world).get(name);
  if (!bucket) return {};
  const files: Record<string, string> = {};
  for (const { key, blob } of objects(world, bucket).values()) {
    const chunks: Buffer[] = [];
    for await (const chunk of world.blobs.read(blob)) chunks.push(chunk as Buffer);
    files[key] = Buffer.concat(chunks).toString('utf8');
  }
  return files;
}

/** The JSON twin of the report: there must be exactly one. */
export async function reportOf(rig: Rig): Promise<Report> {
  const files = Object.entries(await filesOf(rig)).filter(([key]) => key.endsWith('.json'));
  if (files.length !== 1) throw new Error(`one report is expected, there are ${files.map(([key]) => key).join(', ')}`);
  return JSON.parse(files[0]?.[1] ?? '') as Report;
}
