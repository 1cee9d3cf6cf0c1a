/** What each strategy would bring back of a WorkSpace, and what it would lose: read-only, nothing is changed. */
import { ApplicationFailure, setCurrentDetails } from '@temporalio/workflow';
import type { ImageRestoreInput } from '../domain/image-restore.ts';
import { parseRestoreInput } from '../domain/restore-input.ts';
import { restorePlan, type RestorePlan } from '../domain/restore-plan.ts';
import { readFacts } from './restore-facts.ts';

export function validRestoreInput(raw: unknown): ImageRestoreInput {
  const parsed = parseRestoreInput(raw);
  if (parsed.ok) return parsed.input;
  throw ApplicationFailure.nonRetryable(parsed.problems.join('; '), 'InvalidInput');
}

export async function imageRestorePlan(raw: ImageRestoreInput): Promise<RestorePlan> {
  const input = validRestoreInput(raw);
  setCurrentDetails(`Reading \`${input.workspaceId}\`; nothing is changed`);
  const plan = restorePlan(input, await readFacts(input, { write: false, every: true }));
  const possible = plan.strategies.filter((each) => each.possible).map(({ strategy }) => strategy);
  setCurrentDetails(`Possible for \`${input.workspaceId}\`: ${possible.join(', ') || 'no strategy'}`);
  return plan;
}
