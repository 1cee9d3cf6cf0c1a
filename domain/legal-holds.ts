/** Whether a legal hold of AWS Backup is for a recovery point. What is not certain counts as held. */
import type { PointFacts } from './custody.ts';
import { utcDay } from './retention-arithmetic.ts';

/** What GetLegalHold shows of the points that a hold is for. */
export interface HoldSelection {
  readonly vaultNames: readonly string[];
  /** ARNs of resources or recovery points, ids at their end, or resource types. */
  readonly resourceIdentifiers: readonly string[];
  /** Of the points' creation; null: no bound. */
  readonly fromDate: string | null;
  readonly toDate: string | null;
}

export function heldBy(selection: HoldSelection, facts: PointFacts): boolean {
  const { vaultNames, resourceIdentifiers, fromDate, toDate } = selection;
  const day = utcDay(facts.createdAt);
  // Whole days: whether AWS counts the hour of a bound is not known.
  if (fromDate !== null && day < utcDay(fromDate)) return false;
  if (toDate !== null && day > utcDay(toDate)) return false;
  if (vaultNames.length === 0 && resourceIdentifiers.length === 0) return true;
  return vaultNames.includes(facts.ref.vault) || resourceIdentifiers.some((each) => names(each, facts));
}

const names = (identifier: string, { resourceArn, resourceType, ref }: PointFacts): boolean =>
  [resourceArn, resourceType, ref.arn].includes(identifier) ||
  [resourceArn, ref.arn].some((arn) => arn.endsWith(`/${identifier}`) || arn.endsWith(`:${identifier}`));
