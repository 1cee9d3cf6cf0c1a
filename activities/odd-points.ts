/** What is odd about a recovery point by AWS Backup's status of it. */
import { vaultName, type OddPoint } from '../domain/custody-sweep.ts';
import type { ListedPoint } from './backup-points.ts';

/** A sweep is told of so many of each kind at once, of which it keeps the first. */
export const MOST_ODD = 300;

export function statusOddity({ ref, status, statusMessage }: ListedPoint): OddPoint[] {
  const point = { vault: vaultName(ref), pointArn: ref.arn };
  const said = statusMessage === null ? '' : `: ${statusMessage}`;
  if (status === 'PARTIAL') return [{ ...point, oddity: 'partial', why: `AWS Backup calls it PARTIAL${said}` }];
  if (status === 'EXPIRED') return [{ ...point, oddity: 'expired', why: `AWS Backup could not delete it${said}` }];
  return [];
}

export const countOdd = (odd: readonly OddPoint[], kind: OddPoint['oddity']): number =>
  odd.filter(({ oddity }) => oddity === kind).length;
