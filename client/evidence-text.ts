/** Evidence, as people read of it. */
import type { EvidenceCheckResult, EvidenceProblem, EvidenceVersion } from '../domain/evidence-check.ts';
import type { CustodyReportResult, WrittenReport } from '../workflows/custody-evidence.messages.ts';
import { minute, plural, table } from './text.ts';

export function evidenceCheckText(bucket: string, result: EvidenceCheckResult): string {
  const { points, versions, entries, open, days, restoreTests, problems, problemCount, chain } = result;
  const left = problemCount - problems.length;
  return [
    ...(chain.length === 0 ? [] : [chainText(chain), '']),
    ...problems.map((problem) => problemText(bucket, problem)),
    ...(left > 0 ? [`and ${plural(left, 'problem')} more: see them by vault and month`] : []),
    ...(problems.length > 0 ? [''] : []),
    `${plural(points, 'recovery point')} with ${plural(versions, 'version')} of evidence and ` +
      `${plural(entries, 'entry', 'entries')} of the index, on ${plural(days, 'day')} of vaults` +
      (open > 0 ? `; ${plural(open, 'custody goes', 'custodies go')} on` : '') +
      (restoreTests > 0 ? `; ${plural(restoreTests, 'record')} of restore tests` : ''),
    problemCount === 0
      ? 'Every chain is whole, and says what the index says.'
      : `${plural(problemCount, 'problem')}: see above.`,
  ].join('\n');
}

const problemText = (bucket: string, { kind, key, pointArn, message }: EvidenceProblem): string =>
  `${kind}: s3://${bucket}/${key} ${message}${pointArn === null ? '' : `\n  ${pointArn}`}`;

const chainText = (chain: readonly EvidenceVersion[]): string =>
  table(
    ['version', 'written', 'phase', 'outcome', 'SHA-256', 'key'],
    chain.map(({ version, writtenAt, phase, outcome, sha256, key }) => [
      String(version),
      writtenAt === null ? '?' : minute(writtenAt),
      phase ?? '?',
      outcome ?? '',
      sha256,
      key,
    ]),
  );

export function custodyReportText({ reports }: CustodyReportResult): string {
  const rows = reports.map((report) => [
    `${report.vault.account}/${report.vault.region}/${report.vault.vault}`,
    report.month,
    outcomesText(report),
    report.csv,
  ]);
  return table(['vault', 'month', 'recovery points', 'report'], rows);
}

const outcomesText = ({ outcomes }: WrittenReport): string => {
  const parts = Object.entries(outcomes).flatMap(([outcome, count]) => (count > 0 ? [`${count} ${outcome}`] : []));
  return parts.join(', ') || 'none is settled';
};
