/**
 * When a copy job runs. It is settled when the job is started, from those before it: so no timer is needed, and ten
 * thousand jobs take no longer each than one. A job that waits is CREATED.
 */
import type { Place } from './rows.ts';
import { NEVER } from './rows.ts';
import { settingsOf } from './settings.ts';

export interface Asked {
  readonly createdAt: number;
  /** When it would start by itself; `NEVER`: it is stuck. */
  readonly readyAt: number;
  readonly takesMs: number;
  readonly resourceArn: string;
  readonly destinationRegion: string;
  readonly destinationVaultArn: string;
}

interface Lanes {
  /** When each of them is free again. */
  readonly free: number[];
}

const lanesTable = ({ world, account, region }: Place) =>
  world.store.table<Lanes>(account, region, 'backup.copy-lanes');
const busyTable = ({ world, account, region }: Place) =>
  world.store.table<{ until: number }>(account, region, 'backup.busy-resources');

/** Takes the earliest time at which its resource and one of the lanes are free: those of the Region, or of the vault. */
export function schedule(place: Place, asked: Asked): { startsAt: number; endsAt: number } {
  if (asked.readyAt >= NEVER) return { startsAt: NEVER, endsAt: NEVER };
  const earliest = Math.max(asked.readyAt, resourceFreeAt(place, asked.resourceArn));
  const { copiesPerRegion, copiesPerVault } = settingsOf(place);
  const lane = earlier(
    bestLane(lanesOf(place, `region ${asked.destinationRegion}`, copiesPerRegion), earliest),
    bestLane(lanesOf(place, `vault ${asked.destinationVaultArn}`, copiesPerVault), earliest),
  );
  const endsAt = lane.startsAt + asked.takesMs;
  lane.free[lane.index] = endsAt;
  lanesTable(place).touch();
  keepBusy(place, asked.resourceArn, endsAt);
  return { startsAt: lane.startsAt, endsAt };
}

/** AWS makes one backup or copy of a resource at a time. */
export const resourceFreeAt = (place: Place, resourceArn: string): number =>
  busyTable(place).get(resourceArn)?.until ?? 0;

export function keepBusy(place: Place, resourceArn: string, until: number): void {
  busyTable(place).set(resourceArn, { until });
}

/** A quota that was raised has more lanes; one that was lowered keeps those that are there until they are free. */
function lanesOf(place: Place, name: string, count: number): number[] {
  const table = lanesTable(place);
  const { free } = table.get(name) ?? { free: [] };
  while (free.length < count) free.push(0);
  if (free.length > count) free.sort((a, b) => b - a).splice(count);
  table.set(name, { free });
  return free;
}

interface Lane {
  readonly free: number[];
  readonly index: number;
  readonly startsAt: number;
}

/** The one that can start soonest, and of several the one that was in use last. */
function bestLane(free: number[], earliest: number): Lane {
  let index = 0;
  for (let next = 1; next < free.length; next++) {
    const mine = free[index] as number;
    const other = free[next] as number;
    const isSooner = Math.max(other, earliest) < Math.max(mine, earliest);
    const isCloser = other <= earliest && other > mine;
    if (isSooner || isCloser) index = next;
  }
  return { free, index, startsAt: Math.max(free[index] ?? 0, earliest) };
}

const earlier = (region: Lane, vault: Lane): Lane => (vault.startsAt < region.startsAt ? vault : region);
