/**
 * When a copy job runs. It is settled when the job is started, from those before it: so no timer is needed. A job that
 * waits is CREATED, and takes nobody's place: one that is ready sooner may run before it.
 */
import { firstFit, forgetBefore, occupy } from './occupancy.ts';
import type { Occupancy } from './occupancy.ts';
import type { Place } from './rows.ts';
import { NEVER } from './rows.ts';
import { settingsOf } from './settings.ts';

export interface Asked {
  /** When it would start by itself; `NEVER`: it is stuck. */
  readonly readyAt: number;
  readonly takesMs: number;
  readonly resourceArn: string;
  readonly destinationRegion: string;
  readonly destinationVaultArn: string;
}

const occupancies = ({ world, account, region }: Place) =>
  world.store.table<{ readonly steps: Occupancy }>(account, region, 'backup.copy-occupancy');
const busyTable = ({ world, account, region }: Place) =>
  world.store.table<{ until: number }>(account, region, 'backup.busy-resources');

/** The earliest time at which its resource is free and the quota of the Region, or beyond it of the vault, has room. */
export function schedule(place: Place, asked: Asked): { startsAt: number; endsAt: number } {
  if (asked.readyAt >= NEVER) return { startsAt: NEVER, endsAt: NEVER };
  const { copiesPerRegion, copiesPerVault } = settingsOf(place);
  const earliest = Math.max(asked.readyAt, resourceFreeAt(place, asked.resourceArn));
  const inRegion = occupancyOf(place, `region ${asked.destinationRegion}`);
  const inVault = occupancyOf(place, `vault ${asked.destinationVaultArn}`);
  const byRegion = firstFit(inRegion, earliest, asked.takesMs, copiesPerRegion);
  const byVault = firstFit(inVault, earliest, asked.takesMs, copiesPerVault);
  const startsAt = Math.min(byRegion, byVault);
  const endsAt = startsAt + asked.takesMs;
  occupy(byVault < byRegion ? inVault : inRegion, startsAt, endsAt);
  occupancies(place).touch();
  keepBusy(place, asked.resourceArn, endsAt);
  return { startsAt, endsAt };
}

/** AWS makes one backup or copy of a resource at a time. */
export const resourceFreeAt = (place: Place, resourceArn: string): number =>
  busyTable(place).get(resourceArn)?.until ?? 0;

export function keepBusy(place: Place, resourceArn: string, until: number): void {
  busyTable(place).set(resourceArn, { until });
}

function occupancyOf(place: Place, name: string): Occupancy {
  const known = occupancies(place).get(name) ?? { steps: [] };
  forgetBefore(known.steps, place.world.clock.now());
  occupancies(place).set(name, known);
  return known.steps;
}
