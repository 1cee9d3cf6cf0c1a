/** The first statement of every workflow that is given an upgrade's parameters, whoever started it. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { parseUpgradeInput } from '../domain/upgrade-input.ts';

export function validInput(raw: unknown): ImageUpgradeInput {
  const parsed = parseUpgradeInput(raw);
  if (parsed.ok) return parsed.input;
  throw ApplicationFailure.nonRetryable(parsed.problems.join('; '), 'InvalidInput');
}
