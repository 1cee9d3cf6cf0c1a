/** An upgrade that runs, or has ended, for people. */
import { styleText } from 'node:util';
import { OUTCOMES } from '../domain/image-upgrade.ts';
import { PHASES, phaseOf, type Phase, type Row } from '../domain/upgrade-row.ts';

import { targetName } from '../domain/target.ts';
import { reasonText } from '../report/reason-text.ts';
import { formatDuration } from './duration.ts';
import { attentionTexts, haltOf, waitsForPerson } from './attention-text.ts';
import { presentTexts } from './present-text.ts';
import { bar, minute, plural, table } from './text.ts';
import { flagsOf } from './upgrade-choice.ts';
import type { UpgradeView } from './upgrade-run.ts';
import type { SteeringLine } from '../workflows/image-upgrade.messages.ts';

type Colour = Parameters<typeof styleText>[0];

const PHASE_TEXT: Readonly<Record<Phase, { readonly text: string; readonly colour: Colour }>> = {
  waiting: { text: 'waiting for a snapshot', colour: 'gray' },
  warned: { text: 'warned', colour: 'yellow' },
  queued: { text: 'waiting for their turn', colour: 'cyan' },
  blocked: { text: 'blocked', colour: 'magenta' },
  rebuilding: { text: 'rebuilding', colour: 'blue' },
  rebuilt: { text: 'rebuilt', colour: 'green' },
  migrated: { text: 'migrated', colour: 'green' },
  rebuildFailed: { text: 'rebuild failed', colour: 'red' },
  rebuildUnconfirmed: { text: 'rebuild unconfirmed', colour: 'red' },
  timedOutWaiting: { text: 'timed out waiting', colour: 'red' },
  skipped: { text: 'left out', colour: 'gray' },
  aborted: { text: 'not rebuilt, aborted', colour: 'yellow' },
};

const BAR = 40;
const TROUBLE: readonly Phase[] = ['rebuildFailed', 'rebuildUnconfirmed', 'timedOutWaiting'];

/** @param most rows of each list; the rest is counted */
export function upgradeText(view: UpgradeView, most = 10): string {
  const parts = [headText(view), countsText(view), ...attentionTexts(view, most)];
  const { failure, status } = view;
  if (failure !== null) parts.push(`The run did not come to its end: ${failure}`);
  if (status.phase === 'refused')
    parts.push((status.plan?.problems ?? []).map(({ message }) => `✗ ${message}`).join('\n'));
  const rebuilding = view.rows.filter((row) => row.outcome === null && row.rebuildRequestedAt !== null);
  if (rebuilding.length > 0)
    parts.push(
      list(
        'Rebuilding now',
        rebuilding.map((row) => rebuildingCells(row, view.now)),
        most,
      ),
    );
  const deferred = view.rows.filter((row) => isDeferred(row, view.now));
  if (deferred.length > 0) parts.push(list('Deferred', deferred.map(deferredCells), most));
  const trouble = view.rows.filter((row) => TROUBLE.includes(phaseOf(row)));
  if (trouble.length > 0) parts.push(list('Not upgraded', trouble.map(endingCells), most));
  const endings = lastEndings(view.rows);
  if (view.execution === 'RUNNING' && endings.length > 0)
    parts.push(list('Last endings', endings.slice(0, 5).map(endingCells), 5));
  if (view.retrying.length > 0) parts.push(view.retrying.map((each) => `Retrying: ${each}`).join('\n'));
  if (status.steering.length > 0) parts.push(steeringText(status.steering));
  const { report, rollback } = status;
  if (rollback) parts.push(`Rebuilt onto the previous image by\n  holdfast upgrade status ${flagsOf(rollback)}`);
  if (report) parts.push(`Reports\n  ${report.csv}\n  ${report.json}`);
  return parts.join('\n\n');
}

function headText({ status, execution, now, eta }: UpgradeView): string {
  const { input, phase, startedAt, aborted } = status;
  const running = execution === 'RUNNING';
  const facts = [running ? phase : `${phase} (${execution.toLowerCase()})`];
  if (aborted) facts.push('aborted');
  if (startedAt) facts.push(`began ${minute(startedAt)}`);
  if (now) facts.push(`${running ? 'now' : 'ended'} ${minute(now)}`);
  if (running && eta && now) {
    facts.push(`end about ${minute(eta)}, in ${formatDuration((Date.parse(eta) - Date.parse(now)) / 1000)}`);
  }
  const more = standingFacts(status);
  const changes = presentTexts(status);
  return [
    `Bundle ${input.bundleId} to image ${input.imageId} in ${targetName(input.target)}`,
    facts.join(' · '),
    ...(more.length > 0 ? [more.join(' · ')] : []),
    ...(changes.length > 0 ? [`changed while it ran: ${changes.join(' · ')}`] : []),
  ].join('\n');
}

function standingFacts({ wave, bundleSetTo }: UpgradeView['status']): string[] {
  const soak = wave.soakEndsAt ? `, the next not before ${minute(wave.soakEndsAt)}` : '';
  return [
    ...(wave.of > 1 ? [`wave ${wave.open + 1} of ${wave.of}${soak}`] : []),
    ...(bundleSetTo ? [`the bundle is set to ${bundleSetTo}`] : []),
  ];
}

function countsText({ counts, execution, status }: UpgradeView): string {
  const all = PHASES.reduce((sum, phase) => sum + counts[phase], 0);
  if (all === 0)
    return execution === 'RUNNING' && status.phase === 'preflight'
      ? 'Reading the fleet; nothing is changed yet'
      : 'No WorkSpace was begun';
  const ended = OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0);
  const parts = [
    { count: ended, sign: '█' },
    { count: counts.rebuilding, sign: '▓' },
    { count: counts.queued + counts.warned, sign: '▒' },
  ];
  const lines = PHASES.filter((phase) => counts[phase] > 0).map((phase) => {
    const { text, colour } = PHASE_TEXT[phase];
    const own = bar([{ count: counts[phase], sign: '■' }], all, BAR)
      .replaceAll('·', ' ')
      .trimEnd();
    return `  ${text.padEnd(24)}${String(counts[phase]).padStart(6)}  ${styleText(colour, own)}`;
  });
  return [`${bar(parts, all, BAR)}  ${ended} of ${plural(all, 'WorkSpace')}`, '', ...lines].join('\n');
}

const rebuildingCells = (row: Row, now: string | null): string[] => [
  row.workspaceId,
  row.computerName,
  row.userName,
  // What was last seen may be older than the call.
  row.sawRebuilding ? row.state : 'called',
  now && row.rebuildRequestedAt ? formatDuration((Date.parse(now) - Date.parse(row.rebuildRequestedAt)) / 1000) : '',
];

const endingCells = (row: Row): string[] => [
  row.workspaceId,
  row.computerName,
  row.userName,
  PHASE_TEXT[phaseOf(row)].text,
  reasonText(row),
];

const isDeferred = ({ outcome, deferredUntil }: Row, now: string | null): boolean =>
  outcome === null && deferredUntil !== null && now !== null && Date.parse(deferredUntil) > Date.parse(now);

const deferredCells = (row: Row): string[] => [
  row.workspaceId,
  row.computerName,
  row.userName,
  `not before ${minute(row.deferredUntil ?? '')}`,
];

const LAST_STEERING = 5;

function steeringText(lines: readonly SteeringLine[]): string {
  const told = lines.slice(-LAST_STEERING).map(({ at, what, by, reason, answer }) => {
    const why = reason === null ? '' : ` (${reason})`;
    return `  ${minute(at)}  ${what}${by === null ? '' : ` by ${by}`}${why}: ${answer}`;
  });
  return ['What was done while it ran', ...told].join('\n');
}

const lastEndings = (rows: readonly Row[]): Row[] =>
  rows
    .filter((row) => row.outcome !== null && row.rebuildConfirmedAt !== null)
    .toSorted((a, b) => (b.rebuildConfirmedAt ?? '').localeCompare(a.rebuildConfirmedAt ?? ''));

function list(title: string, rows: readonly (readonly string[])[], most: number): string {
  const shown = table([], rows.slice(0, most)).replace(/^/gm, '  ');
  const more = rows.length > most ? `\n  and ${rows.length - most} more` : '';
  return `${title}\n${shown}${more}`;
}

/** One line, for where there is no terminal to draw on. */
export function upgradeLine(view: UpgradeView): string {
  const { status, counts, now, failure } = view;
  const phases = PHASES.filter((phase) => counts[phase] > 0).map(
    (phase) => `${counts[phase]} ${PHASE_TEXT[phase].text}`,
  );
  const ending = failure === null ? [] : [`did not come to its end: ${failure}`];
  return [now ? minute(now) : status.phase, ...phases, ...stops(view), ...ending].join(' · ');
}

/** Why no more begins, and where it is said what a person is to do. */
function stops(view: UpgradeView): string[] {
  if (view.execution !== 'RUNNING') return [];
  const { status, workflowId } = view;
  const halt = haltOf(status);
  const until = status.approvalExpiresAt;
  return [
    ...(halt ? [`${halt.kind}: ${halt.reason}`] : []),
    ...(status.phase === 'awaitingApproval' ? [`waits for approval${until ? `, until ${minute(until)}` : ''}`] : []),
    ...(waitsForPerson(view) ? [`waits for a person, see: holdfast upgrade status ${flagsOf(workflowId)}`] : []),
  ];
}
