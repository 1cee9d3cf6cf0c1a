/** The summary that the Temporal UI shows of a run. */
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { PHASES, type PhaseCounts } from '../domain/upgrade-row.ts';
import type { RunState } from './upgrade-run.ts';

export type Shown = Pick<RunState, 'phase' | 'halt' | 'openWave' | 'soakEndsAt' | 'plan' | 'bundleSetTo'>;

/** @param state of the run; absent: of a cohort, which has none */
export function detailsOf(counts: PhaseCounts, { bundleId, imageId }: ImageUpgradeInput, state?: Shown): string {
  const rows = PHASES.filter((phase) => counts[phase] > 0).map((phase) => `| ${phase} | ${counts[phase]} |`);
  return [
    `Bundle \`${bundleId}\` to image \`${imageId}\``,
    ...(state ? whatToKnow(state) : []),
    '',
    '| WorkSpaces | |',
    '|---|---|',
    ...rows,
  ].join('\n');
}

function whatToKnow({ phase, halt, openWave, soakEndsAt, plan, bundleSetTo }: Shown): string[] {
  const waves = plan?.waves.length ?? 1;
  return [
    ...(phase === 'awaitingApproval'
      ? [`**Waits for approval** of plan \`${plan?.hash ?? ''}\`: update \`approve\``]
      : []),
    ...(halt ? [`**${halt.kind}** since ${halt.at}: ${halt.reason}. Updates: \`resume\`, \`abort\``] : []),
    ...(waves > 1
      ? [`Wave ${openWave + 1} of ${waves}${soakEndsAt ? `, the next one not before ${soakEndsAt}` : ''}`]
      : []),
    ...(bundleSetTo ? [`The bundle was set to \`${bundleSetTo}\``] : []),
  ];
}
