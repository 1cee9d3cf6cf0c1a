/** Retention for people: what a policy says, what would become of each image, and what it would keep over time. */
import type { RetentionPolicy, RetentionReason } from '../domain/image-retention.ts';
import type { RetentionRow } from '../domain/retention-row.ts';
import type { Simulation } from '../domain/retention-simulation.ts';
import type { RetentionPlan } from '../workflows/image-retention.messages.ts';
import { minute, plural, table } from './text.ts';

/** `younger than 30 days, the newest 3, the newest of each of the last 12 months`. */
export function policyText({ days, keepAtLeast, keepDaily, keepWeekly, keepMonthly }: RetentionPolicy): string {
  const newestOf = (count: number, unit: string): string => `the newest of each of the last ${plural(count, unit)}`;
  const parts = [
    days ? `younger than ${plural(days, 'day')}` : '',
    keepAtLeast > 0 ? `the newest ${keepAtLeast}` : '',
    keepDaily > 0 ? newestOf(keepDaily, 'day') : '',
    keepWeekly > 0 ? newestOf(keepWeekly, 'week') : '',
    keepMonthly > 0 ? newestOf(keepMonthly, 'month') : '',
  ];
  return parts.filter(Boolean).join(', ') || 'nothing';
}

const reasonsText = (reasons: readonly RetentionReason[]): string => reasons.map(({ text }) => text).join('; ');

/** @param rows those of one WorkSpace or user together, the newest first */
export function retentionText(plan: RetentionPlan, rows: readonly RetentionRow[]): string {
  const { images, deleted } = plan.counts;
  const sum =
    plan.refused === null
      ? `${deleted} of ${plural(images, 'image')} would be deleted, as of ${minute(plan.asOf)}.`
      : `Refused: ${plan.refused}.`;
  const lines = rows.map((row) => [
    row.group ?? '–',
    row.imageId,
    row.createdAt ? minute(row.createdAt) : '–',
    row.state,
    row.keep ? 'keep' : 'delete',
    reasonsText(row.reasons),
  ]);
  const all = rows.length === 0 ? '' : `${table(['of', 'image', 'made', 'state', 'verdict', 'why'], lines)}\n\n`;
  return `${all}${sum}`;
}

/** Those of one WorkSpace or user together, the newest first; what is nobody's last. */
export const byGroup = (rows: readonly RetentionRow[]): RetentionRow[] =>
  rows.toSorted(
    (a, b) => (a.group ?? '\uffff').localeCompare(b.group ?? '\uffff') || b.createdAt.localeCompare(a.createdAt),
  );

/** Month by month, then what is there at the end. */
export function simulationText({ runs, most, oldestDays, atEnd }: Simulation): string {
  const months = [...Map.groupBy(runs, ({ at }) => at.slice(0, 7))].map(([month, its]) => {
    const oldest = its.at(-1)?.kept.at(-1);
    return [
      month,
      String(its.length),
      String(its.reduce((sum, { deleted }) => sum + deleted.length, 0)),
      String(its.at(-1)?.kept.length ?? 0),
      oldest ? minute(oldest) : '–',
    ];
  });
  const end = atEnd.map(({ createdAt, reasons }) => [minute(createdAt), reasonsText(reasons)]);
  return [
    table(['month', 'runs', 'deleted', 'kept at its end', 'the oldest of them'], months),
    table(['made', 'why it is there at the end'], end),
    `${plural(runs.length, 'run')}: after each, at most ${plural(most, 'image')} of one WorkSpace; one more while a run ` +
      `makes its image. The oldest at the end is ${plural(Math.round(oldestDays), 'day')} older than the newest.`,
  ].join('\n\n');
}
