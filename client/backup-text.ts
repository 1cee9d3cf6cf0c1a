/** An image backup for people: what it would do, how far it is, how it ended. */
import { BACKUP_OUTCOMES } from '../domain/image-backup.ts';
import {
  BACKUP_PHASES,
  backupPhaseOf,
  backupReasonText,
  type BackupCounts,
  type BackupPhase,
  type BackupRow,
} from '../domain/backup-row.ts';
import type { BackupPlanRow, BackupPlanSummary, ListedImage, PlannedImage } from '../domain/backup-plan.ts';
import { roomText } from '../domain/image-capacity.ts';
import type { ImageBackupInput } from '../domain/image-backup.ts';
import { selectionText } from '../domain/selection.ts';
import { targetName } from '../domain/target.ts';
import type { ImageBackupResult } from '../workflows/image-backup.messages.ts';
import type { BackupView } from './backup-run.ts';
import { formatDuration } from './duration.ts';
import { policyText } from './retention-text.ts';
import { minute, plural, table } from './text.ts';

export const backupRowsText = (rows: readonly BackupPlanRow[]): string =>
  table(
    ['WorkSpace', 'computer', 'user', 'state', 'verdict', 'why not, or the name of its image'],
    rows.map((row) => [
      row.workspaceId,
      row.computerName,
      row.userName,
      row.state,
      row.verdict,
      row.reason ? backupReasonText(row) : row.imageName,
    ]),
  );

/** What would be deleted, and why; what stays is counted. */
export function plannedDeletionsText(images: readonly PlannedImage[]): string {
  const going = images.filter(({ keep }) => !keep);
  if (going.length === 0) return '';
  const lines = going.map(({ imageId, createdAt, name, reasons }) => [
    imageId ?? '',
    minute(createdAt),
    name,
    reasons.map(({ text }) => text).join('; '),
  ]);
  return `Deleted when the new images are good\n${table([], lines).replace(/^/gm, '  ')}`;
}

function runsText(runsPerDay: number): string {
  if (runsPerDay === 1) return 'one run a day';
  const digits = { maximumFractionDigits: 1 };
  if (runsPerDay > 1) return `${runsPerDay.toLocaleString('en', digits)} runs a day`;
  return `one run in ${(1 / runsPerDay).toLocaleString('en', digits)} days`;
}

export function backupPlanText(input: ImageBackupInput, plan: BackupPlanSummary): string {
  const { selected, going, counts, room, images, reserved, retention, minutes, notes, problems } = plan;
  const others = Object.entries(counts).filter(([verdict, count]) => count > 0 && verdict !== 'eligible');
  return [
    `Image backup by policy ${input.policy} in ${targetName(input.target)}: ${selectionText(input.selection)}`,
    `  ${going} of ${plural(selected, 'WorkSpace')} would be imaged, ${input.maxConcurrent} at once` +
      (others.length > 0 ? ` (${others.map(([verdict, count]) => `${count} ${verdict}`).join(', ')})` : ''),
    ...(minutes ? [`  takes ${formatDuration(minutes.least * 60)} to ${formatDuration(minutes.most * 60)}`] : []),
    ...(room ? [`  room for ${runsText(input.runsPerDay)}: ${roomText(room)}`] : []),
    `  now: ${plural(images, 'image')} in the Region${reserved > 0 ? `, room for ${reserved} is reserved by other runs` : ''}`,
    `  kept: ${policyText(input.retention)}; of this policy’s images ${retention.keep} stay and ${retention.delete} go`,
    ...(retention.refused === null ? [] : [`  no image would be deleted: ${retention.refused}`]),
    ...notes.map((note) => `  Note: ${note}`),
    ...problems.map(({ message }) => `✗ ${message}`),
  ].join('\n');
}

const PHASE_TEXT: Readonly<Record<BackupPhase, string>> = {
  waiting: 'waiting for their turn',
  blocked: 'blocked',
  starting: 'starting',
  imaging: 'being imaged (SUSPENDED)',
  stopping: 'being put back',
  imaged: 'imaged',
  imageFailed: 'image failed',
  imageUnconfirmed: 'image unconfirmed',
  ineligible: 'cannot be imaged',
  skipped: 'left out',
  aborted: 'not imaged, aborted',
};

const countLines = (counts: BackupCounts): string[] =>
  BACKUP_PHASES.filter((phase) => counts[phase] > 0).map(
    (phase) => `  ${PHASE_TEXT[phase].padEnd(28)}${String(counts[phase]).padStart(6)}`,
  );

/** @param most rows of each list; the rest is counted */
export function backupText(view: BackupView, most = 10): string {
  const { status, rows, execution, failure } = view;
  const { input, phase, startedAt, now, aborted, paused, room, report, steering, retrying, deleted } = status;
  const facts = [execution === 'RUNNING' ? phase : `${phase} (${execution.toLowerCase()})`];
  if (aborted) facts.push('aborted');
  if (paused) facts.push(`paused since ${minute(paused.at)}${paused.reason ? `: ${paused.reason}` : ''}`);
  if (startedAt) facts.push(`began ${minute(startedAt)}`);
  if (now) facts.push(`${execution === 'RUNNING' ? 'now' : 'ended'} ${minute(now)}`);
  const parts = [
    `Image backup by policy ${input.policy} in ${targetName(input.target)}\n${facts.join(' · ')}`,
    countLines(status.counts).join('\n'),
  ];
  if (failure !== null) parts.push(`The run did not come to its end: ${failure}`);
  if (phase === 'refused') parts.push((status.plan?.problems ?? []).map(({ message }) => `✗ ${message}`).join('\n'));
  const blocked = rows.filter((row) => row.blocked !== null);
  if (blocked.length > 0)
    parts.push(list('Blocked: mend it, then holdfast backup resume', blocked.map(blockedCells), most));
  const without = rows.filter((row) => row.outcome !== null && row.outcome !== 'imaged');
  if (without.length > 0) parts.push(list('Not imaged', without.map(endingCells), most));
  if (room) {
    const left = status.notDeleted > 0 ? `, ${status.notDeleted} not deleted though they were to go` : '';
    parts.push(`${room.images} of ${room.quota} images of the Region; ${plural(deleted, 'image')} deleted${left}`);
  }
  if (status.retentionRefused !== null) parts.push(`No image is deleted: ${status.retentionRefused}`);
  if (retrying) parts.push(`Retrying: ${retrying}`);
  for (const { at, what, by, answer } of steering.slice(-5)) {
    parts.push(`${minute(at)}  ${what}${by === null ? '' : ` by ${by}`}: ${answer}`);
  }
  if (report) parts.push(`Reports\n  ${report.csv}\n  ${report.json}`);
  return parts.filter(Boolean).join('\n\n');
}

const blockedCells = (row: BackupRow): string[] => [
  row.workspaceId,
  row.computerName,
  row.blocked?.message ?? '',
  row.blocked?.remedy ?? '',
];

const endingCells = (row: BackupRow): string[] => [
  row.workspaceId,
  row.computerName,
  PHASE_TEXT[backupPhaseOf(row)],
  backupReasonText(row),
];

function list(title: string, rows: readonly (readonly string[])[], most: number): string {
  const shown = table([], rows.slice(0, most)).replace(/^/gm, '  ');
  const more = rows.length > most ? `\n  and ${rows.length - most} more` : '';
  return `${title}\n${shown}${more}`;
}

const ENDED = {
  completed: 'Done: every WorkSpace has its image',
  partiallyFailed: 'Ended: some WorkSpaces have no new image, or images that were to go are still there',
  aborted: 'Aborted',
  refused: 'Refused: no image was made',
  nobodySelected: 'Ended: the selection fits no WorkSpace; no image was made, and none was deleted',
} as const satisfies Record<ImageBackupResult['outcome'], string>;

export function backupResultText(input: ImageBackupInput, result: ImageBackupResult): string {
  const { outcome, counts, deleted, notDeleted, retentionRefused, report, plan } = result;
  if (outcome === 'refused') return `${ENDED.refused}\n\n${backupPlanText(input, plan)}`;
  const ended = BACKUP_OUTCOMES.filter((each) => counts[each] > 0);
  return [
    ENDED[outcome],
    ...ended.map((each) => `  ${PHASE_TEXT[each].padEnd(28)}${String(counts[each]).padStart(6)}`),
    retentionRefused === null ? `${plural(deleted, 'image')} deleted` : `No image was deleted: ${retentionRefused}`,
    ...(notDeleted > 0 ? [`${plural(notDeleted, 'image')} not deleted though they were to go: see the report`] : []),
    ...(report ? ['Reports', `  ${report.csv}`, `  ${report.json}`] : []),
  ].join('\n');
}

export const listedText = (images: readonly ListedImage[]): string =>
  table(
    ['WorkSpace', 'it is', 'user', 'image', 'made', 'state', 'policy', 'name', 'used by'],
    images.map((image) => [
      image.workspaceId ?? '–',
      image.workspaceState ?? 'gone',
      image.user ?? '–',
      image.imageId,
      minute(image.createdAt),
      image.state,
      image.policy ?? '–',
      image.name,
      [...image.bundleIds, ...(image.keep === null ? [] : [`holdfast:keep ${image.keep}`.trim()])].join(', '),
    ]),
  );
