/** What of an upgrade waits for a person, why, and the commands that let it go on. */
import type { Row } from '../domain/upgrade-row.ts';
import type { Halt } from '../workflows/image-upgrade.messages.ts';
import { minute, plural } from './text.ts';
import { flagsOf } from './upgrade-choice.ts';
import type { UpgradeView } from './upgrade-run.ts';

/** A pause does not count: who paused it knows. */
export const waitsForPerson = ({ execution, status, counts }: UpgradeView): boolean =>
  execution === 'RUNNING' &&
  (haltOf(status)?.kind === 'held' || status.phase === 'awaitingApproval' || counts.blocked > 0);

/** An aborted run stays halted, and nobody can let it go on. */
export const haltOf = ({ halt, aborted }: UpgradeView['status']): Halt | null => (aborted === null ? halt : null);

/** A paragraph each; none when nothing waits. @param most WorkSpaces of each cause; the rest is counted */
export function attentionTexts(view: UpgradeView, most: number): string[] {
  if (view.execution !== 'RUNNING') return [];
  const texts = view.status.phase === 'awaitingApproval' ? [approvalText(view)] : [];
  const halt = haltOf(view.status);
  if (halt) texts.push(haltText(view, halt));
  return [...texts, ...blockedTexts(view, most)];
}

const command = ({ workflowId }: UpgradeView, words: string): string =>
  `  holdfast upgrade ${words} ${flagsOf(workflowId)}`;

function approvalText(view: UpgradeView): string {
  const { plan, approvalExpiresAt } = view.status;
  const until = approvalExpiresAt === null ? '' : `, until ${minute(approvalExpiresAt)}`;
  return `Waits for approval of its plan${until}; nothing is changed yet\n${command(view, `approve ${plan?.hash ?? ''}`)}`;
}

function haltText(view: UpgradeView, halt: Halt): string {
  const since = `since ${minute(halt.at)}: ${halt.reason}`;
  if (halt.kind === 'paused') return `Paused ${since}\n${command(view, 'resume')}`;
  return [
    `Held ${since}`,
    `No new rebuild begins, those under way are followed; the bundle ${bundleText(view.status)}. Go on, or end it:`,
    command(view, 'resume'),
    command(view, 'abort'),
    ...rollbackLines(view),
  ].join('\n');
}

function bundleText({ bundleSetTo, input }: UpgradeView['status']): string {
  if (bundleSetTo === null) return `carried ${input.imageId} already before the run, and still does`;
  return bundleSetTo === input.imageId ? 'has the new image' : `was set back to ${bundleSetTo}`;
}

/** The ways back that the run would take; why not, where there is none. */
function rollbackLines(view: UpgradeView): string[] {
  const { possible, why } = view.status.plan?.rollback ?? { possible: false, why: null };
  if (!possible) return [`There is no rollback: ${why ?? 'the previous image is not known'}`];
  const { rebuilt, rebuildFailed, rebuildUnconfirmed } = view.counts;
  const rebuild = rebuilt + rebuildFailed + rebuildUnconfirmed > 0 ? [command(view, 'abort --rollback --rebuild')] : [];
  return [command(view, 'abort --rollback'), ...rebuild];
}

/** By cause: the same trouble often blocks many. */
function blockedTexts(view: UpgradeView, most: number): string[] {
  const byCause = new Map<string, Row[]>();
  for (const row of view.rows) {
    if (row.outcome !== null || !row.blocked) continue;
    const cause = `${row.blocked.code} ${row.blocked.remedy}`;
    byCause.set(cause, [...(byCause.get(cause) ?? []), row]);
  }
  return [...byCause.values()].map((rows) => causeText(view, rows, most));
}

function causeText(view: UpgradeView, rows: readonly Row[], most: number): string {
  const [first] = rows.toSorted((a, b) => (a.blocked?.since ?? '').localeCompare(b.blocked?.since ?? ''));
  if (!first?.blocked) return '';
  const { code, message, remedy, since } = first.blocked;
  const names = rows.slice(0, most).map(({ workspaceId, computerName }) => `  ${workspaceId}  ${computerName}`);
  const left = rows.length - names.length;
  // Resuming all also ends a pause or a hold.
  const all = haltOf(view.status) === null && rows.length > 1 ? [command(view, 'resume')] : [];
  return [
    `Blocked since ${minute(since)}: ${plural(rows.length, 'WorkSpace')}, ${code}: ${message}`,
    `To do: ${remedy}; then`,
    ...all,
    command(view, `resume ${first.workspaceId}`),
    ...names,
    ...(left > 0 ? [`  and ${left} more`] : []),
  ].join('\n');
}
