/** One image backup in one history: what it is given, what it knows, and what is shown of it. */
import { ApplicationFailure, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { parseBackupInput } from '../domain/backup-input.ts';
import { BACKUP_PHASES, countBackupPhases, type BackupCounts, type BackupRow } from '../domain/backup-row.ts';
import type { BackupPlanSummary } from '../domain/backup-plan.ts';
import type { ImageBackupInput } from '../domain/image-backup.ts';
import type { LeaseAnswer } from '../domain/limits.ts';
import type { RetentionRow } from '../domain/retention-row.ts';
import type { By, ReportFiles, SteeringLine } from '../domain/steering.ts';
import type { Agenda } from './agenda.ts';
import type { ImageBackupStatus } from './image-backup.messages.ts';
import { toldOperators } from './operators.ts';
import type { Turns } from './turns.ts';

/** What a run has found out and begun; carried over by continue-as-new. */
export interface BackupState {
  /** The first run's, which names the parts of the report. */
  readonly runId: string;
  phase: ImageBackupStatus['phase'];
  plan: BackupPlanSummary | null;
  rows: BackupRow[];
  /** Images that the Region may hold. */
  quota: number;
  /** In the Region as last counted; when that was, AWS's time. */
  images: number;
  countedAt: string;
  /** Ids of WorkSpaces whose images were begun since, or are about to be: what was counted is without them. */
  places: string[];
  /** What other runs have reserved, and who they are. */
  lease: LeaseAnswer;
  /** Room that the run has reserved, at its start. */
  reserve: number;
  aborted: { readonly reason: string | null; readonly at: string } | null;
  paused: { readonly reason: string | null; readonly at: string } | null;
  /** Locks that may be ours although nobody wants them. */
  unwantedLocks: readonly string[];
  /** Ids of WorkSpaces that get no image because a person said so. */
  skips: string[];
  steering: SteeringLine[];
  /** Images that were made since retention was last applied. */
  unjudged: number;
  /** Of the passes so far: what did not stay. */
  retired: RetentionRow[];
  /** Of the last pass: what stays. */
  kept: readonly RetentionRow[];
  retentionRefused: string | null;
  /** AWS's time, as last told. */
  now: string;
  /** AWS's time; nothing new is begun from then on. */
  deadline: string;
  /** How many were blocked when people were last told. */
  blockedTold: number;
  retrying: string | null;
  /** `HoldfastHealth`, as last set. */
  health: string;
  report: ReportFiles | null;
}

export interface BackupRun {
  readonly input: ImageBackupInput;
  readonly state: BackupState;
  /** What people's messages reach while WorkSpaces are imaged; null: before and after. */
  live: {
    readonly agenda: Agenda;
    readonly turns: Turns;
    readonly observer: { readonly retrying: string | null };
  } | null;
}

export function validBackupInput(raw: unknown): ImageBackupInput {
  const parsed = parseBackupInput(raw);
  if (parsed.ok) return parsed.input;
  throw ApplicationFailure.nonRetryable(parsed.problems.join('; '), 'InvalidInput');
}

export const newBackupState = (): BackupState => ({
  runId: workflowInfo().runId,
  phase: 'preflight',
  plan: null,
  rows: [],
  quota: 0,
  images: 0,
  countedAt: '',
  places: [],
  lease: { ahead: 0, others: 0, holders: [] },
  reserve: 0,
  aborted: null,
  paused: null,
  unwantedLocks: [],
  skips: [],
  steering: [],
  unjudged: 0,
  retired: [],
  kept: [],
  retentionRefused: null,
  now: '',
  deadline: '',
  blockedTold: 0,
  retrying: null,
  health: 'ok',
  report: null,
});

/** In the Region, as far as the run knows. */
export const imagesOf = ({ images, places }: BackupState): number => images + places.length;

export const countsOf = ({ state }: BackupRun): BackupCounts => countBackupPhases(state.rows);

export const deletedOf = ({ state }: BackupRun): number =>
  state.retired.filter(({ outcome }) => outcome === 'deleted').length;

/** Images that were to go and are still there. */
export const notDeletedOf = ({ state }: BackupRun): number =>
  state.retired.filter(({ outcome }) => outcome === 'notDeleted').length;

export function enter(run: BackupRun, phase: BackupState['phase']): void {
  run.state.phase = phase;
  upsertSearchAttributes({ HoldfastPhase: [phase] });
  show(run);
}

/** What the Temporal UI shows of it. */
export function show(run: BackupRun): void {
  const { state } = run;
  const counts = countsOf(run);
  const health = counts.blocked > 0 ? 'blocked' : state.retrying === null ? 'ok' : 'retrying';
  // Each time is an event of the history.
  if (health !== state.health) upsertSearchAttributes({ HoldfastHealth: [health] });
  state.health = health;
  setCurrentDetails(detailsOf(run, counts));
}

function detailsOf({ input, state }: BackupRun, counts: BackupCounts): string {
  const { paused, quota } = state;
  return [
    `Image backup by policy \`${input.policy}\``,
    ...(paused
      ? [`**Paused** since ${paused.at}: ${paused.reason ?? 'by a person'}. Updates: \`resume\`, \`abort\``]
      : []),
    ...(state.countedAt === '' ? [] : [`${imagesOf(state)} of ${quota} images of the Region`]),
    '',
    '| WorkSpaces | |',
    '|---|---|',
    ...BACKUP_PHASES.filter((phase) => counts[phase] > 0).map((phase) => `| ${phase} | ${counts[phase]} |`),
  ].join('\n');
}

/** Notes what a person did; the answer goes to them too. */
export function note(
  { state }: BackupRun,
  what: string,
  { by, reason }: By,
  answer: string,
): { readonly answer: string } {
  state.steering.push({ at: state.now, what, by: by ?? null, reason: reason ?? null, answer });
  return { answer };
}

/** Tells the people in charge that they are needed. What cannot be told so still stands in the status and the report. */
export async function tellOperators(run: BackupRun, subject: string, message: string): Promise<void> {
  const trouble = await toldOperators(run.input, subject, message);
  if (trouble !== null) note(run, 'tell operators', { by: null, reason: subject }, `not told: ${trouble}`);
}
