/**
 * Looks at all schedules of ours, and tells once what did not take place as planned. Each of its runs is short: what the
 * last one saw comes to it as that one's result, which Temporal hands on from run to run of a schedule.
 */
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import {
  isOverdue,
  watch,
  type Finding,
  type WatchdogResult,
  type WatchResult,
  type WatchState,
} from '../domain/schedule-watch.ts';
import type { WatchdogInput } from '../domain/schedules.ts';
import { quickCalls, scheduleLooks } from './activities.ts';
import { troubleOf } from './failures.ts';

export async function scheduleWatchdog({ schedules, file, operatorTopicArn }: WatchdogInput): Promise<WatchdogResult> {
  const before = workflowInfo().lastResult as WatchdogResult | undefined;
  const { sights } = await scheduleLooks.describeSchedules({ known: schedules.map(({ id }) => id), file });
  // After the look: by its start a run that had to wait for a worker would call later times overdue, or miss them.
  const now = new Date(Date.now()).toISOString();
  const seen = watch(before?.state ?? {}, { sights, declared: schedules, now });
  upsertSearchAttributes({ HoldfastHealth: [isOverdue(seen.findings) ? 'overdue' : 'ok'] });
  setCurrentDetails(detailsOf(seen.findings, sights.length));
  const untold = await tell(seen, operatorTopicArn);
  upsertSearchAttributes({ HoldfastPhase: ['done'], HoldfastOutcome: [untold === null ? 'completed' : 'untold'] });
  return { state: stateOf(before, seen, untold), findings: seen.findings, untold, lookedAt: now };
}

/** What nobody could be told counts as not seen, so that it is told by the next run. */
const stateOf = (before: WatchdogResult | undefined, { state }: WatchResult, untold: string | null): WatchState =>
  untold === null ? state : (before?.state ?? {});

/** Why people could not be told; null: they were, or there was nothing to tell, or nobody. */
async function tell({ fresh }: WatchResult, topicArn: string | null): Promise<string | null> {
  if (fresh.length === 0 || topicArn === null) return null;
  const [, , , region = '', account = ''] = topicArn.split(':');
  const subject = `Holdfast's schedules: ${fresh.length} to look at`;
  const lines = fresh.map(({ schedule, text }) => `${schedule}: ${text}`);
  const message = [...lines, '', 'See all with: holdfast schedules list'].join('\n');
  try {
    await quickCalls.publish({ target: { account, region }, topicArn, subject, message });
    return null;
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    return trouble.message;
  }
}

function detailsOf(findings: readonly Finding[], of: number): string {
  if (findings.length === 0) return `All is well with ${of} schedules`;
  return [
    `${of} schedules`,
    '',
    '| schedule | |',
    '|---|---|',
    ...findings.map(({ schedule, text }) => `| ${schedule} | ${text.replaceAll('|', '\\|')} |`),
  ].join('\n');
}
