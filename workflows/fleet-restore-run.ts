/** One restore of many: what it is given, what it knows, and how it shows. */
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { hasFailed, type FleetRestoreInput, type FleetRestoreRow } from '../domain/fleet-restore.ts';
import type { RestoreRow } from '../domain/restore-outcome.ts';
import type { By, ReportFiles, SteeringLine } from '../domain/steering.ts';
import { isPast } from '../domain/waves.ts';
import type { FleetRestoreStatus } from './image-restore-fleet.messages.ts';
import { Turns } from './turns.ts';

export interface FleetRun {
  readonly input: FleetRestoreInput;
  readonly turns: Turns;
  rows: FleetRestoreRow[];
  /** The reports of those that have ended. */
  readonly ended: RestoreRow[];
  phase: FleetRestoreStatus['phase'];
  /** AWS's time, as last heard. */
  now: string;
  problems: readonly string[];
  openWave: number;
  halt: FleetRestoreStatus['halt'];
  aborted: By | null;
  approved: By | null;
  /** What had failed when a person resumed a held run is accepted: their ids. */
  accepted: readonly string[];
  readonly steering: SteeringLine[];
  report: ReportFiles | null;
}

export const newRun = (input: FleetRestoreInput): FleetRun => ({
  input,
  turns: new Turns(input.maxConcurrent, []),
  rows: [],
  ended: [],
  phase: 'reading',
  now: '',
  problems: [],
  openWave: 0,
  halt: null,
  aborted: null,
  approved: null,
  accepted: [],
  steering: [],
  report: null,
});

export const wavesOf = ({ rows }: FleetRun): number => rows.reduce((most, { wave }) => Math.max(most, wave + 1), 0);

export function end(row: FleetRestoreRow, { outcome, reason }: Pick<FleetRestoreRow, 'outcome' | 'reason'>) {
  row.phase = 'done';
  row.blocked = null;
  row.outcome = outcome;
  row.reason = reason;
}

export function holdIfPast(run: FleetRun): void {
  if (run.halt) return;
  const failed = run.rows.filter((row) => hasFailed(row) && !run.accepted.includes(row.workspaceId)).length;
  const finished = run.rows.filter((row) => row.phase === 'done' || row.blocked !== null).length;
  const started = run.rows.filter(({ phase }) => phase !== 'waiting').length;
  if (!isPast(run.input, { failed, finished, started })) return;
  run.halt = { kind: 'held', reason: `${failed} of ${finished} were not restored, or wait for a person` };
}

export function enter(run: FleetRun, phase: FleetRun['phase']): void {
  run.phase = phase;
  upsertSearchAttributes({ HoldfastPhase: [phase] });
  show(run);
}

export function show({ input, phase, rows, halt, openWave }: FleetRun): void {
  const done = rows.filter((row) => row.phase === 'done').length;
  setCurrentDetails(
    [
      `Restore of ${rows.length} WorkSpaces by \`${input.strategy}\`: **${phase}**, ${done} have ended, wave ${openWave + 1}`,
      ...(halt ? [`**${halt.kind}**: ${halt.reason}. Updates: \`resume\`, \`abort\``] : []),
    ].join('\n\n'),
  );
}
