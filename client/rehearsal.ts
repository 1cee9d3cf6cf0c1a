/** A rehearsal from its parameters to its answer. */
import type { PlanSummary } from '../domain/upgrade-plan.ts';
import { CommandError } from './exit.ts';
import { print, printJson, progress } from './output.ts';
import { assumptionsOf, rehearsalText } from './rehearsal-text.ts';
import { rehearse, type Rehearsal } from './rehearsal-run.ts';

/** Shows the outcome. @throws partlyFailed unless every WorkSpace would be upgraded */
export async function showRehearsal(rehearsal: Rehearsal, json: boolean): Promise<void> {
  const { faults, speed, seed, fleet } = rehearsal;
  progress(`Read ${fleet.workspaces.length} WorkSpaces; rehearsing on a copy of them, one second is ${speed} there`);
  const ended = await rehearse(rehearsal);
  if (json) {
    printJson({ plan: fleet.plan, faults, speed, seed, ...ended, assumptions: assumptionsOf(rehearsal) });
  } else if (ended.outcome !== 'refused') print(rehearsalText(rehearsal, ended));
  if (ended.outcome === 'refused')
    throw new CommandError('failed', `the upgrade of the copy was refused:\n${ended.problems.join('\n')}`);
  if (ended.outcome !== 'completed')
    throw new CommandError('partlyFailed', 'some WorkSpaces would not be upgraded: see the outcome');
}

/** Real seconds, for each run and for each of its WorkSpaces, in which this machine's own work hardly counts. */
const SECONDS = 40;
const SECONDS_EACH = 0.25;
const FASTEST = 1_000;
const HALF_DAY = 12 * 3_600;

/** Virtual seconds in a real one: the more there is to do at once, the slower. */
export function speedFor({ counts, forecast, asOf }: PlanSummary): number {
  const length = forecast ? (Date.parse(forecast.finish) - Date.parse(asOf)) / 1000 : HALF_DAY;
  const seconds = SECONDS + SECONDS_EACH * (counts.eligible + counts.later);
  return Math.min(FASTEST, Math.max(1, Math.round(length / seconds)));
}
