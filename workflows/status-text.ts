/** The summary that the Temporal UI shows of a run. */
import { PHASES, type ImageUpgradeInput, type PhaseCounts } from '../domain/image-upgrade.ts';

export function detailsOf(counts: PhaseCounts, { bundleId, imageId }: ImageUpgradeInput): string {
  const rows = PHASES.filter((phase) => counts[phase] > 0).map((phase) => `| ${phase} | ${counts[phase]} |`);
  return [`Bundle \`${bundleId}\` to image \`${imageId}\``, '', '| WorkSpaces | |', '|---|---|', ...rows].join('\n');
}
