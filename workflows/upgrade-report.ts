/** The report of an upgrade: in parts while it goes on, merged in the end, and once more when its rebuilds were taken back. */
import { workflowInfo } from '@temporalio/workflow';
import type { Row } from '../domain/upgrade-row.ts';
import { reports } from './activities.ts';
import { chunks } from './fleet-reading.ts';
import { passOverRefusal, untilWritten } from './report-writing.ts';
import { rebuildBack } from './rollback.ts';
import { enter, type Run } from './upgrade-run.ts';

/** Rows of WorkSpaces that are not touched go to the report in parts of this size. */
const PART_SIZE = 250;

export async function reportSkipped(run: Run, skipped: readonly Row[]): Promise<void> {
  run.state.skipped = skipped.length;
  for (const [index, part] of chunks(skipped, PART_SIZE).entries()) {
    await written(run, () => reports.putReportPart({ place: placeOf(run), part: `skipped-${index}`, rows: part }));
  }
}

export async function writeReport(run: Run): Promise<void> {
  const place = placeOf(run);
  await mergeReport(run);
  if (run.state.rollback.wanted) {
    await rebuildBack(run, place);
    // The same files once more, with what came of it.
    await mergeReport(run);
  }
  await written(run, () => reports.removeReportParts({ place }).catch(passOverRefusal));
}

async function mergeReport(run: Run): Promise<void> {
  const { input, state } = run;
  enter(run, 'reporting');
  const head = {
    run: { workflowId: workflowInfo().workflowId, runId: state.runId },
    input,
    previousImageId: state.plan?.previousImageId ?? null,
    startedAt: state.plan?.asOf ?? state.now,
    endedAt: state.now,
    aborted: state.aborted,
    approved: state.approved,
    bundleSetTo: state.bundleSetTo,
    waves: state.waveTimes,
    present: { maxConcurrent: state.maxConcurrent, maxFailures: state.maxFailures, windows: state.windows },
    steering: state.steering,
  };
  state.report = await written(run, () => reports.mergeReport({ place: placeOf(run), head }));
}

const placeOf = ({ input, state }: Run) => ({ target: input.target, report: input.report, runId: state.runId });

const written = async <T>({ state }: Run, send: () => Promise<T>): Promise<T> =>
  await untilWritten(send, (trouble) => (state.retrying = trouble));
