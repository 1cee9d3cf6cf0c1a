/** A restore of many WorkSpaces, for people. */
import type { FleetRestoreStatus } from '../workflows/image-restore-fleet.messages.ts';
import { minute, plural, table } from './text.ts';

export function fleetRestoreText(workflowId: string, status: FleetRestoreStatus): string {
  const { rows, phase, waves, openWave, problems, halt, aborted, steering, report, input } = status;
  const done = rows.filter((row) => row.phase === 'done').length;
  return [
    workflowId,
    `${plural(rows.length, 'WorkSpace')} by ${input.strategy}: ${phase}, ${done} have ended, wave ${Math.min(openWave + 1, waves)} of ${waves}`,
    ...problems,
    ...(halt ? [`${halt.kind.toUpperCase()}: ${halt.reason}`] : []),
    ...(aborted ? [`aborted${aborted.reason ? `: ${aborted.reason}` : ''}`] : []),
    ...(rows.length === 0 ? [] : [table(['WorkSpace', 'wave', 'phase', 'outcome', 'new', 'reason'], rows.map(cells))]),
    ...steering.map(({ at, what, by, answer }) => `  ${minute(at)} ${what} by ${by ?? 'nobody known'}: ${answer}`),
    ...(report ? ['Reports', `  ${report.csv}`, `  ${report.json}`] : []),
  ].join('\n');
}

const cells = (row: FleetRestoreStatus['rows'][number]): string[] => [
  row.workspaceId,
  String(row.wave + 1),
  row.phase,
  row.outcome ?? '',
  row.newWorkspaceId ?? '',
  row.blocked === null ? (row.reason ?? '') : `BLOCKED: ${row.blocked}`,
];
