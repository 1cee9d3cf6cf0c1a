/** A rehearsal for people: what came of it, and what that rests on. */
import { CALLS_PER_SECOND } from '../domain/call-rate.ts';
import { OUTCOMES, type Outcome } from '../domain/image-upgrade.ts';
import { targetName } from '../domain/target.ts';
import { COPY_ASSUMPTIONS } from '../sandbox/fleet-copy.ts';
import { formatDuration } from './duration.ts';
import { faultTexts } from './rehearsal-faults.ts';
import type { RehearsalOutcome, RehearsedWorkspace } from './rehearsal-outcome.ts';
import type { Rehearsal } from './rehearsal-run.ts';
import { minute, plural, table } from './text.ts';

const TEXT = {
  rebuilt: 'would be rebuilt',
  migrated: 'would be migrated',
  rebuildFailed: 'would fail',
  rebuildUnconfirmed: 'would not be confirmed',
  timedOutWaiting: 'would time out waiting',
  skipped: 'would be left out',
  aborted: 'would wait for a person',
} as const satisfies Record<Outcome, string>;

const UPGRADED: readonly (Outcome | null)[] = ['rebuilt', 'migrated'];
/** Rows of the list; the rest is counted. */
const MOST = 20;

export function rehearsalText(rehearsal: Rehearsal, ended: RehearsalOutcome): string {
  const { input, fleet } = rehearsal;
  const parts = [
    `Rehearsal of the upgrade of bundle ${input.bundleId} to ${input.imageId} in ${targetName(input.target)}, as if it had begun ${minute(fleet.plan.asOf)}`,
    outcomeLines(ended).join('\n'),
    figureLines(rehearsal, ended).join('\n'),
  ];
  const others = ended.workspaces.filter(({ outcome }) => !UPGRADED.includes(outcome));
  if (others.length > 0) parts.push(listText(others));
  parts.push(['This rests on:', ...assumptionsOf(rehearsal).map((each) => `  - ${each}`)].join('\n'));
  return parts.join('\n\n');
}

function outcomeLines({ counts, waitedFor, workspaces }: RehearsalOutcome): string[] {
  const lines = OUTCOMES.filter((outcome) => counts[outcome] > 0).flatMap((outcome) => [
    `  ${String(counts[outcome]).padStart(6)}  ${TEXT[outcome]}`,
    ...(UPGRADED.includes(outcome) ? [] : reasonLines(workspaces.filter((each) => each.outcome === outcome))),
  ]);
  return waitedFor === null ? lines : [...lines, `It would stop and wait for a person: ${waitedFor}. It ends there.`];
}

/** The commonest first. */
function reasonLines(workspaces: readonly RehearsedWorkspace[]): string[] {
  const counts = new Map<string, number>();
  for (const { reason } of workspaces) if (reason !== '') counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([reason, count]) => `            ${count} × ${reason}`);
}

function figureLines({ input, fleet }: Rehearsal, ended: RehearsalOutcome): string[] {
  const { beganAt, endedAt, waves, calls } = ended;
  const { asOf, forecast } = fleet.plan;
  if (beganAt === null || endedAt === null) return [];
  const after = (time: string, start = beganAt): string =>
    formatDuration((Date.parse(time) - Date.parse(start)) / 1000);
  const estimate = forecast ? `; the plan’s estimate is ${after(forecast.finish, asOf)}` : '';
  const waveLines = waves.map(({ beganAt: from, endedAt: to }, index) => {
    const end = to === null ? 'does not end' : `ends ${after(to)}`;
    return `  wave ${String(index + 1).padEnd(6)} begins ${after(from)} and ${end} after the start`;
  });
  return [
    `  ends        ${after(endedAt)} after the start, ${minute(endedAt)}${estimate}`,
    ...(waves.length > 1 ? waveLines : []),
    `  at once     ${ended.mostRebuildingAtOnce} REBUILDING at most, of ${input.maxConcurrent} allowed`,
    `  AWS calls   ${callsText(calls)}`,
  ];
}

function callsText(calls: RehearsalOutcome['calls']): string {
  const byService = new Map<string, number>();
  for (const [operation, count] of Object.entries(calls)) {
    const [service = ''] = operation.split(':');
    byService.set(service, (byService.get(service) ?? 0) + count);
  }
  return [...byService].map(([service, count]) => `${count} ${service}`).join(', ');
}

function listText(workspaces: readonly RehearsedWorkspace[]): string {
  const cells = workspaces
    .slice(0, MOST)
    .map((each) => [
      each.workspaceId,
      each.computerName,
      each.userName,
      each.outcome === null ? '' : TEXT[each.outcome],
      each.reason,
    ]);
  const left = workspaces.length - cells.length;
  const more = left > 0 ? `\n  and ${left} more: see --json` : '';
  return `${plural(workspaces.length, 'WorkSpace')} would not be upgraded\n${table([], cells).replace(/^/gm, '  ')}${more}`;
}

export const assumptionsOf = ({ faults, speed, seed }: Rehearsal): string[] => [
  ...COPY_ASSUMPTIONS,
  ...(Object.keys(faults).length > 0
    ? faultTexts(faults).map((text) => `But for what --faults asks: ${text}`)
    : ['No call is throttled or lost; --faults lets some be.']),
  'A STOPPED WorkSpace has the running mode AUTO_STOP, every other one ALWAYS_ON.',
  `WorkSpaces is called at most ${CALLS_PER_SECOND} times a second, and no other run needs that rate.`,
  'The bucket, its key and the topics take what is sent to them. Nobody is asked for approval, and nothing is removed afterwards.',
  `Time runs ${speed} times as fast: a second that this machine needs for its own work is ${speed} seconds there, so ends are too late rather than too early; a smaller --speed is truer.`,
  `What is drawn at random, such as the length of each rebuild, is that of --seed ${seed}; another seed draws anew.`,
];
