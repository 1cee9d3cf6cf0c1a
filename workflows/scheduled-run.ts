/**
 * What every schedule starts: it starts the capability under the id that is its lock, and lasts as long as that does, so
 * that the schedule's overlap policy counts and its list of runs shows how each ended.
 */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { custodyReconcileId } from '../domain/custody-reconcile.ts';
import { restoreTestsId } from '../domain/restore-test.ts';
import { LATE_SECONDS, scheduledRunId, type ScheduledRunInput, type ScheduledRunResult } from '../domain/schedules.ts';
import {
  attributesOf,
  backupAttributesOf,
  searchAttributesOf,
  type SearchAttribute,
} from '../domain/search-attributes.ts';
import { scheduleCalls } from './activities.ts';
import { imageBackupId } from './image-backup.messages.ts';
import { imageUpgradeId } from './image-upgrade.messages.ts';

/** What each capability's schedules start. */
const STARTS = {
  imageBackup: 'imageBackup',
  imageUpgrade: 'imageUpgrade',
  custody: 'custodyReconcile',
  restoreTest: 'custodyRestoreTests',
} as const satisfies Record<ScheduledRunInput['capability'], string>;

type Capability = (input: ScheduledRunInput['input']) => Promise<{ readonly outcome: string }>;
type Child = ChildWorkflowHandle<Capability>;

export async function scheduledRun(run: ScheduledRunInput): Promise<ScheduledRunResult> {
  const workflowId = lockOf(run);
  const times = timesOf();
  const nothing = (outcome: string, why: string): ScheduledRunResult => {
    upsertSearchAttributes({ HoldfastPhase: ['done'], HoldfastOutcome: [outcome] });
    show(run, times, `did nothing: ${why}`);
    return { outcome, workflowId, ...times };
  };
  if (Date.now() - workflowInfo().startTime.getTime() > run.startWithinSeconds * 1000)
    return nothing('tooLate', 'no worker was there to begin in time');
  if (await isRepeated(run, times))
    return nothing('repeatedHour', 'the clocks went back, and it had run an hour before');
  show(run, times, `starts \`${workflowId}\``);
  const child = await begin(run, workflowId);
  if (child === null) return nothing('skipped', `\`${workflowId}\` was running already`);
  upsertSearchAttributes({
    HoldfastPhase: ['running'],
    ...(isLate(run, times) ? { HoldfastHealth: ['overdue'] } : {}),
  });
  show(run, times, `follows \`${workflowId}\``);
  const outcome = await outcomeOf(run, child);
  show(run, times, `\`${workflowId}\` has ended: ${outcome}`);
  return { outcome, workflowId, ...times };
}

/** Temporal names a run by its time, without fractions of a second. */
async function isRepeated({ schedule, mayRepeat }: ScheduledRunInput, { expectedAt }: Times): Promise<boolean> {
  if (!mayRepeat || expectedAt === null) return false;
  const before = new Date(Date.parse(expectedAt) - 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
  return (await scheduleCalls.hasRun({ workflowId: `${scheduledRunId(schedule)}-${before}` })).hasRun;
}

/** One at a time: whoever else starts it, by hand or by another schedule, starts it under this id. */
function lockOf(run: ScheduledRunInput): string {
  switch (run.capability) {
    case 'imageBackup':
      return imageBackupId(run.input.target, run.input.policy);
    case 'imageUpgrade':
      return imageUpgradeId(run.input.target, run.input.bundleId);
    case 'custody':
      return custodyReconcileId(run.input.policy.name);
    case 'restoreTest':
      return restoreTestsId(run.input.policy);
  }
}

/** Null: one is running already. It is not cancelled with this run: see `abort`. */
async function begin(run: ScheduledRunInput, workflowId: string): Promise<Child | null> {
  try {
    return await CancellationScope.nonCancellable(() =>
      startChild<Capability>(STARTS[run.capability], {
        workflowId,
        args: [run.input],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        searchAttributes: foundBy(run),
        staticSummary: `by schedule ${run.schedule}`,
      }),
    );
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

function foundBy(run: ScheduledRunInput): Partial<Record<SearchAttribute, string[]>> {
  switch (run.capability) {
    case 'imageBackup':
      return backupAttributesOf(run.input);
    case 'imageUpgrade':
      return searchAttributesOf(run.input);
    case 'custody':
      return attributesOf('custody-reconcile', run.input.policy.evidence.target, run.input.policy.name);
    case 'restoreTest':
      return attributesOf('restore-tests', run.input.target, run.input.policy);
  }
}

async function outcomeOf(run: ScheduledRunInput, child: Child): Promise<string> {
  const ended = endOf(child);
  try {
    await Promise.race([ended, CancellationScope.current().cancelRequested]);
  } catch (error) {
    await CancellationScope.nonCancellable(() => abort(run, child));
    tell(await ended);
    throw error;
  }
  const { outcome, failure } = await ended;
  tell({ outcome, failure });
  if (failure === null) return outcome;
  throw ApplicationFailure.nonRetryable(`${child.workflowId} did not come to its end: ${failure}`, 'OperationFailed');
}

interface End {
  readonly outcome: string;
  readonly failure: string | null;
}

async function endOf(child: Child): Promise<End> {
  try {
    return { outcome: (await child.result()).outcome, failure: null };
  } catch (error) {
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    return { outcome: 'failed', failure: error.cause?.message ?? error.message };
  }
}

const tell = ({ outcome }: End): void =>
  upsertSearchAttributes({ HoldfastPhase: ['done'], HoldfastOutcome: [outcome] });

/** A run is not cut off: it ends in order, and the next one begins when it has. */
async function abort({ schedule }: ScheduledRunInput, { workflowId, firstExecutionRunId }: Child): Promise<void> {
  setCurrentDetails(`Cancelled: has \`${workflowId}\` abort, and waits for its end`);
  const reason = 'the scheduled run was cancelled, or the next one takes its place';
  await scheduleCalls.abortRun({ workflowId, firstExecutionRunId, by: `schedule ${schedule}`, reason });
}

type Times = Pick<ScheduledRunResult, 'expectedAt' | 'startedAt'>;

/** Temporal started it when the server says; it begins when a worker first has it. */
function timesOf(): Times {
  const [expectedAt] = (workflowInfo().searchAttributes['TemporalScheduledStartTime'] ?? []) as (Date | undefined)[];
  return { expectedAt: expectedAt?.toISOString() ?? null, startedAt: new Date(Date.now()).toISOString() };
}

/** The expected time is that before the jitter. */
const isLate = ({ jitterSeconds }: ScheduledRunInput, { expectedAt, startedAt }: Times): boolean =>
  expectedAt !== null && Date.parse(startedAt) - Date.parse(expectedAt) > (LATE_SECONDS + jitterSeconds) * 1000;

function show(run: ScheduledRunInput, times: Times, what: string): void {
  const late = isLate(run, times) ? ', **late**' : '';
  setCurrentDetails(
    [
      `Schedule \`${run.schedule}\` ${what}`,
      '',
      `Expected at ${times.expectedAt ?? '–'}, started at ${times.startedAt}${late}`,
    ].join('\n'),
  );
}
