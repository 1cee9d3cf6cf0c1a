/** When images and bundles are there, and in which state. */
import type { Bundle, Image } from './rows.ts';

type Made = Pick<Bundle | Image, 'createdAt' | 'pendingUntil' | 'state' | 'deletedAt'>;

export const isThere = ({ createdAt, deletedAt }: Made, at: number): boolean =>
  createdAt <= at && (deletedAt === undefined || at < deletedAt);

/** Its state at an instant at which it is there. */
export function stateAt({ pendingUntil, state }: Made, at: number): Made['state'] {
  const pending = pendingUntil === null || (pendingUntil !== undefined && at < pendingUntil);
  return pending ? 'PENDING' : state;
}
