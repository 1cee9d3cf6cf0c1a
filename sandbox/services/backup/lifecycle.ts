import { invalidValue } from './errors.ts';
import type { Lifecycle, Point } from './rows.ts';
import { factsOf } from './types.ts';

export const DAY_MS = 86_400_000;
const COLD_DAYS = 90;
const MOST_DAYS = 36_500;

export interface LifecycleInput {
  readonly MoveToColdStorageAfterDays?: number;
  readonly DeleteAfterDays?: number;
  readonly OptInToArchiveForSupportedResources?: boolean;
}

export const FOR_EVER: Lifecycle = { coldAfterDays: null, deleteAfterDays: null, archive: false };

/** What a request says, checked; -1 and what is left out are nothing. A type without cold storage has it ignored. */
export function lifecycleOf(input: LifecycleInput, resourceType: string, pointArn: string): Lifecycle {
  const wanted = {
    coldAfterDays: daysOf(input.MoveToColdStorageAfterDays, 'MoveToColdStorageAfterDays'),
    deleteAfterDays: daysOf(input.DeleteAfterDays, 'DeleteAfterDays'),
    archive: input.OptInToArchiveForSupportedResources ?? false,
  };
  const lifecycle = asTaken(wanted, resourceType, pointArn);
  const { coldAfterDays, deleteAfterDays } = lifecycle;
  if (coldAfterDays !== null && deleteAfterDays !== null && deleteAfterDays < coldAfterDays + COLD_DAYS) {
    const message =
      `DeleteAfterDays ${deleteAfterDays} cannot be less than ${COLD_DAYS} days apart from ` +
      `MoveToColdStorageAfterDays ${coldAfterDays}`;
    throw invalidValue(message);
  }
  return lifecycle;
}

function daysOf(days: number | undefined, name: string): number | null {
  if (days === undefined || days === -1) return null;
  if (Number.isInteger(days) && days >= 1 && days <= MOST_DAYS) return days;
  throw invalidValue(`${name} must be between 1 and ${MOST_DAYS} days, or -1: ${days}`);
}

/** What AWS makes of it for the type: cold storage is ignored where it has none. */
export function asTaken(lifecycle: Lifecycle, resourceType: string, pointArn: string): Lifecycle {
  const { cold } = factsOf(resourceType, pointArn);
  const archive = cold === 'optIn' && lifecycle.archive;
  const hasCold = cold === 'always' || archive;
  return { ...lifecycle, archive, coldAfterDays: hasCold ? lifecycle.coldAfterDays : null };
}

export function lifecycleShown({ coldAfterDays, deleteAfterDays, archive }: Lifecycle): object {
  return {
    ...(coldAfterDays !== null && { MoveToColdStorageAfterDays: coldAfterDays }),
    ...(deleteAfterDays !== null && { DeleteAfterDays: deleteAfterDays }),
    ...(archive && { OptInToArchiveForSupportedResources: true }),
  };
}

export const deletesAt = ({ createdAt, lifecycle }: Point): number | null =>
  lifecycle.deleteAfterDays === null ? null : createdAt + lifecycle.deleteAfterDays * DAY_MS;

export const movesToColdAt = ({ createdAt, lifecycle }: Point): number | null =>
  lifecycle.coldAfterDays === null ? null : createdAt + lifecycle.coldAfterDays * DAY_MS;

export function calculatedShown(point: Point): object {
  const cold = movesToColdAt(point);
  const end = deletesAt(point);
  return {
    ...(cold !== null && { MoveToColdStorageAt: new Date(cold) }),
    ...(end !== null && { DeleteAt: new Date(end) }),
  };
}
