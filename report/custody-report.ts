/** The settled recovery points of a vault that were created in one month: a CSV of them, and their counts as JSON. */
import { stringify } from 'csv-stringify/sync';
import type { CustodyOutcome, VaultRef } from '../domain/custody.ts';
import type { IndexEntry, IndexedLeg } from '../domain/evidence.ts';
import type { RestoreTestHistory } from '../domain/restore-test-record.ts';
import { reportInstant } from './report-name.ts';

const CUSTODY_REPORT_SCHEMA = 'holdfast/custody-report/1';

export interface CustodyMonth {
  readonly vault: VaultRef;
  /** `2026-03` */
  readonly month: string;
  readonly entries: readonly IndexEntry[];
  readonly restoreTests: readonly RestoreTestHistory[];
  /** By ARNs of copies that their vault did not show, though they are to be there: since when. */
  readonly missing: ReadonlyMap<string, string>;
}

export type OutcomeCounts = Readonly<Record<CustodyOutcome, number>>;

const time = (iso: string | null): string => (iso === null ? '' : reportInstant(iso));
const each = (legs: readonly IndexedLeg[], text: (leg: IndexedLeg) => string): string => legs.map(text).join('; ');

/** Of copies there may be several: their cells hold one part each, in the same order. */
const COLUMNS: Readonly<Record<string, (entry: IndexEntry, known: Known) => string | number>> = {
  RecoveryPointArn: (entry) => entry.pointArn,
  ResourceArn: (entry) => entry.resourceArn,
  ResourceType: (entry) => entry.resourceType,
  CreatedAt: (entry) => time(entry.createdAt),
  Outcome: (entry) => entry.outcome,
  Reason: (entry) => entry.reason,
  ClosedAt: (entry) => time(entry.closedAt),
  Rule: (entry) => entry.rule ?? '',
  Copies: ({ legs }) => legs.length,
  VerifiedCopies: ({ legs }) => legs.filter(({ verifiedAt }) => verifiedAt !== null).length,
  CopyVaults: ({ legs }) => each(legs, (leg) => `${leg.name}=${leg.destinationVaultArn}`),
  CopyArns: ({ legs }) => each(legs, (leg) => leg.copyArn ?? ''),
  CopiesVerifiedAt: ({ legs }) => each(legs, (leg) => time(leg.verifiedAt)),
  CopiesDeleteAt: ({ legs }) => each(legs, (leg) => (leg.verifiedAt === null ? '' : time(leg.deleteAt) || 'never')),
  CopiesMissingSince: ({ legs }, { missing }) => each(legs, (leg) => time(missing.get(leg.copyArn ?? '') ?? null)),
  OriginalDeleteAtBefore: (entry) => time(entry.deleteAtBefore) || 'never',
  OriginalDeleteAtAfter: (entry) => time(entry.deleteAtAfter) || 'never',
  EvidenceKey: ({ evidence }) => evidence?.key ?? '',
  EvidenceVersions: ({ evidence }) => evidence?.versions ?? 0,
  EvidenceSha256: ({ evidence }) => evidence?.sha256 ?? '',
  /** This very point. */
  RestoredAt: ({ pointArn }, { ofPoint }) => time(ofPoint.get(pointArn) ?? null),
  /** Any point of its type in the vault. */
  TypeRestoredAt: ({ resourceType }, { ofType }) => time(ofType.get(resourceType) ?? null),
};

/** When a restore was verified last, and since when copies are missing. */
interface Known {
  readonly missing: ReadonlyMap<string, string>;
  readonly ofPoint: ReadonlyMap<string, string>;
  readonly ofType: ReadonlyMap<string, string | null>;
}

/** Rows that are put together at once. */
const ROWS_AT_ONCE = 1000;

/**
 * Part by part, as a month may have hundreds of thousands of points. Lines end with CR LF; a cell that a spreadsheet would run
 * as a formula begins with an apostrophe.
 */
export function* custodyCsv({
  entries,
  restoreTests,
  missing,
}: Omit<CustodyMonth, 'vault' | 'month'>): Generator<string, void, undefined> {
  const known = { missing, ...restoresOf(restoreTests) };
  yield csvOf([Object.keys(COLUMNS)]);
  for (let at = 0; at < entries.length; at += ROWS_AT_ONCE) {
    const rows = entries.slice(at, at + ROWS_AT_ONCE);
    yield csvOf(rows.map((entry) => Object.values(COLUMNS).map((cell) => cell(entry, known))));
  }
}

const csvOf = (rows: (string | number)[][]): string =>
  stringify(rows, { record_delimiter: 'windows', escape_formulas: true });

function restoresOf(histories: readonly RestoreTestHistory[]): Omit<Known, 'missing'> {
  // The newest is the first of a history, and the last to be put down here.
  const passed = histories.flatMap(({ tests }) => tests.filter(({ ok }) => ok)).toReversed();
  return {
    ofPoint: new Map(passed.map(({ pointArn, verifiedAt }) => [pointArn ?? '', verifiedAt])),
    ofType: new Map(
      histories.map(({ resourceType, lastVerified }) => [resourceType, lastVerified?.verifiedAt ?? null]),
    ),
  };
}

export function countOutcomes(entries: readonly IndexEntry[]): OutcomeCounts {
  const counts: Record<CustodyOutcome, number> = {
    kept: 0,
    shortened: 0,
    deleted: 0,
    notCovered: 0,
    belongsToAnother: 0,
    unsupported: 0,
    unusable: 0,
    gone: 0,
    released: 0,
  };
  for (const { outcome } of entries) counts[outcome] += 1;
  return counts;
}

export const custodyJson = ({ vault, month, entries, restoreTests, missing }: CustodyMonth): string =>
  `${JSON.stringify(
    {
      schema: CUSTODY_REPORT_SCHEMA,
      vault,
      month,
      recoveryPoints: entries.length,
      outcomes: countOutcomes(entries),
      copies: copiesOf(entries),
      missingCopies: entries.flatMap(({ legs }) => legs).filter(({ copyArn }) => missing.has(copyArn ?? '')).length,
      restoreTests: restoreTests.map(({ resourceType, lastVerified, tests: [last] }) => ({
        resourceType,
        lastVerifiedAt: lastVerified?.verifiedAt ?? null,
        lastOutcome: last?.outcome ?? null,
        secondsToRestore: last?.secondsToRestore ?? null,
      })),
    },
    null,
    2,
  )}\n`;

/** How many copies each vault got, and how many of them were verified. */
function copiesOf(
  entries: readonly IndexEntry[],
): readonly { readonly vaultArn: string; readonly copies: number; readonly verified: number }[] {
  const byVault = Map.groupBy(
    entries.flatMap(({ legs }) => legs),
    ({ destinationVaultArn }) => destinationVaultArn,
  );
  return [...byVault]
    .map(([vaultArn, legs]) => ({
      vaultArn,
      copies: legs.length,
      verified: legs.filter(({ verifiedAt }) => verifiedAt !== null).length,
    }))
    .toSorted((a, b) => a.vaultArn.localeCompare(b.vaultArn));
}
