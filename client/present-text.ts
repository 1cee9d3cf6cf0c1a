/** What people have changed of a run while it goes on. */
import type { ImageUpgradeStatus } from '../workflows/image-upgrade.messages.ts';
import { windowText } from './window-flag.ts';

/** A piece each; none for what is as it was at the start. */
export function presentTexts({ input, present }: Pick<ImageUpgradeStatus, 'input' | 'present'>): string[] {
  const { waves, maxConcurrent, windows } = input;
  return [
    ...changed('rebuilds at once', maxConcurrent, present.maxConcurrent),
    ...changed('failures allowed', waves.maxFailures ?? 'any', present.maxFailures ?? 'any'),
    ...changed('windows', windowsText(windows), windowsText(present.windows)),
  ];
}

const changed = (what: string, from: number | string, to: number | string): string[] =>
  from === to ? [] : [`${what}: ${to} (at the start: ${from})`];

const windowsText = (rules: ImageUpgradeStatus['present']['windows']): string =>
  rules.length === 0 ? 'none' : rules.map((rule) => `"${windowText(rule)}"`).join(', ');
