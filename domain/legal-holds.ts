/** Whether a legal hold of AWS Backup is for a recovery point. What is not certain counts as held. */
import { BACKUP_TYPES } from './backup-types.ts';
import { vaultArn, type PointFacts } from './custody.ts';
import { utcDay } from './retention-arithmetic.ts';
import { like } from './wildcards.ts';

/** What GetLegalHold shows of the points that a hold is for. */
export interface HoldSelection {
  readonly vaultNames: readonly string[];
  /** ARNs of resources, recovery points or vaults, ids at their end, or resource types; AWS does not say what else. */
  readonly resourceIdentifiers: readonly string[];
  /** Of the points' creation; null: no bound. */
  readonly fromDate: string | null;
  readonly toDate: string | null;
}

type Held = Pick<PointFacts, 'ref' | 'createdAt' | 'resourceArn' | 'resourceType'>;

export function heldBy(selection: HoldSelection, facts: Held): boolean {
  const { vaultNames, resourceIdentifiers, fromDate, toDate } = selection;
  const day = utcDay(facts.createdAt);
  // Whole days: whether AWS counts the hour of a bound is not known.
  if (fromDate !== null && day < utcDay(fromDate)) return false;
  if (toDate !== null && day > utcDay(toDate)) return false;
  if (vaultNames.length === 0 && resourceIdentifiers.length === 0) return true;
  return vaultNames.includes(facts.ref.vault) || resourceIdentifiers.some((each) => names(each, facts));
}

function names(identifier: string, { resourceArn, resourceType, ref }: Held): boolean {
  const pattern = identifier.toLowerCase();
  const isNamed = (name: string): boolean => like(pattern, name.toLowerCase());
  const endsSo = (arn: string): boolean => ['/', ':'].some((mark) => like(`*${mark}${pattern}`, arn.toLowerCase()));
  if ([resourceArn, resourceType, ref.arn, vaultArn(ref)].some(isNamed)) return true;
  return [resourceArn, ref.arn].some(endsSo) || !isOfAnother(identifier);
}

const ARN = /^arn(:[^:]*){4}:./;
/** Of volumes, snapshots, instances, images and file systems. Any other name may be a resource's, or stand for more. */
const ID = /^(vol|snap|i|ami|fs|fsvol)-/i;

/** It is understood, and names something else. */
const isOfAnother = (identifier: string): boolean =>
  ARN.test(identifier) || ID.test(identifier) || Object.keys(BACKUP_TYPES).some((type) => isSame(type, identifier));

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
