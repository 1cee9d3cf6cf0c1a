/** What an upgrade will take, for people. */
import type { Forecast } from '../domain/forecast.ts';
import { formatDuration } from './duration.ts';
import { minute, plural } from './text.ts';

const DECIDED_BY = {
  snapshots: 'the snapshots decide it, which AWS takes about every 12 hours',
  cap: 'the cap decides it: --max-concurrent',
  waves: 'the waves and their soak decide it',
  windows: 'the windows decide it',
  callRate: 'AWS’s call rate decides it, not the snapshots: more at once (--max-concurrent) would not make it faster',
} as const satisfies Record<Forecast['decidedBy'], string>;

/** @param asOf AWS's time when the fleet was read */
export function forecastLines(forecast: Forecast, asOf: string): string[] {
  const { finish, waves, decidedBy, calls, cost } = forecast;
  const after = formatDuration((Date.parse(finish) - Date.parse(asOf)) / 1000);
  return [
    `  finish      about ${minute(finish)}, ${after} after the start: ${DECIDED_BY[decidedBy]}`,
    ...(waves.length > 1
      ? waves.map(
          (end, index) => `  ${index === 0 ? 'waves end' : '         '}   wave ${index + 1} about ${minute(end)}`,
        )
      : []),
    `  AWS calls   ${callsText(calls)}: ${costText(cost)}, by prices of ${cost.pricesOf}`,
  ];
}

/** A run's calls cost next to nothing; 0 would be wrong all the same. */
const costText = ({ amount, currency }: Forecast['cost']): string =>
  amount > 0 && amount < 0.01 ? `less than 0.01 ${currency}` : `${amount.toFixed(2)} ${currency}`;

const callsText = (calls: Forecast['calls']): string =>
  Object.entries(calls)
    .filter(([, count]) => count > 0)
    .map(([service, count]) => `${count} ${service}`)
    .join(', ') || plural(0, 'call');

export const assumptionsText = ({ assumptions }: Forecast): string =>
  ['This rests on:', ...assumptions.map((each) => `  - ${each}`)].join('\n');
