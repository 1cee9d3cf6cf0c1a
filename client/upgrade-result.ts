/** How an upgrade ended, for people and for scripts. */
import { OUTCOMES, type ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { ImageUpgradeResult } from '../workflows/image-upgrade.messages.ts';
import { CommandError } from './exit.ts';
import { planSummaryText } from './plan-text.ts';

const ENDED = {
  completed: 'Done: every WorkSpace that could be upgraded was rebuilt',
  partiallyFailed: 'Ended: some WorkSpaces were not upgraded',
  aborted: 'Aborted',
  refused: 'Refused: nothing was changed',
  nothingToDo: 'Done: there was no WorkSpace to upgrade',
} as const satisfies Record<ImageUpgradeResult['outcome'], string>;

export function resultText(input: ImageUpgradeInput, result: ImageUpgradeResult): string {
  const { outcome, counts, previousImageId, bundleSetTo, report, rollback, afterwards, plan } = result;
  if (outcome === 'refused') return `${ENDED.refused}\n\n${planSummaryText(input, plan)}`;
  const lines = [
    ENDED[outcome],
    ...OUTCOMES.filter((each) => counts[each] > 0).map(
      (each) => `  ${each.padEnd(20)}${String(counts[each]).padStart(6)}`,
    ),
  ];
  if (previousImageId) lines.push(`The bundle’s image before was ${previousImageId}`);
  if (bundleSetTo) lines.push(`The bundle is set to ${bundleSetTo}`);
  if (report) lines.push('Reports', `  ${report.csv}`, `  ${report.json}`);
  if (rollback) {
    lines.push(`Rebuilt onto the previous image: ${rollback.counts.rebuilt} (${rollback.outcome})`);
    if (rollback.report) lines.push(`  ${rollback.report.csv}`, `  ${rollback.report.json}`);
  }
  return [...lines, ...afterwards].join('\n');
}

/** 0 for what is done, 3 for what is done in part, 1 for what is not done at all. */
export function throwByOutcome({ outcome }: ImageUpgradeResult): void {
  switch (outcome) {
    case 'completed':
    case 'nothingToDo':
      return;
    case 'partiallyFailed':
    case 'aborted':
      throw new CommandError('partlyFailed', 'some WorkSpaces were not upgraded: see the report');
    case 'refused':
      throw new CommandError('failed', 'the upgrade was refused: see the problems');
  }
}
