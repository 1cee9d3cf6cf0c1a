/** Restore tests in words. */
import type { RestoreTestInput } from '../domain/restore-test.ts';
import type { RestoreTestPlan, RestoreTestStatus } from '../workflows/custody-restore-test.messages.ts';
import { formatDuration } from './duration.ts';
import { minute, table } from './text.ts';

const placeOf = ({ vault }: RestoreTestInput): string => `${vault.account}/${vault.region}/${vault.vault}`;

export function restoreTestPlanText(plans: readonly RestoreTestPlan[]): string {
  return plans
    .map(({ test, point, metadata, problem }) =>
      [
        `${test.resourceType} of ${placeOf(test)}: ${verdictOf(point !== null, problem)}`,
        ...(problem === null ? [] : [`  ${problem}`]),
        ...(point ? [`  the ${test.pick} recovery point ${point.arn} of ${minute(point.createdAt)}`] : []),
        ...Object.entries(metadata ?? {}).map(([key, value]) => `    ${key}: ${value}`),
        `  check: ${test.check.kind === 'aws' ? 'what AWS shows' : test.check.command.join(' ')}, within ${formatDuration(test.timeoutMinutes * 60)}`,
      ].join('\n'),
    )
    .join('\n');
}

const verdictOf = (hasPoint: boolean, problem: string | null): string => {
  if (problem !== null) return 'NOT POSSIBLE';
  return hasPoint ? 'would be restored, looked at, and deleted again' : 'nothing to restore';
};

export function restoreTestsText(tests: readonly RestoreTestStatus[]): string {
  const rows = tests.map(({ input, phase, outcome, point, secondsToRestore, verifiedAt }) => [
    placeOf(input),
    input.resourceType,
    outcome ?? phase,
    secondsToRestore === null ? '–' : formatDuration(secondsToRestore),
    verifiedAt === null ? '–' : minute(verifiedAt),
    point?.arn ?? '–',
  ]);
  const notes = tests.flatMap(({ input, outcome, reason, leftBehind, retrying, record }) => [
    ...(outcome === 'failed' ? [`${input.resourceType} of ${placeOf(input)} FAILED: ${reason ?? ''}`] : []),
    ...(leftBehind === null ? [] : [`LEFT BEHIND, tried every hour: ${leftBehind}`]),
    ...(retrying === null ? [] : [`tried again: ${retrying}`]),
    ...(record === null ? [] : [`record: ${record}`]),
  ]);
  return [table(['vault', 'type', 'outcome', 'time to restore', 'as of', 'recovery point'], rows), ...notes].join('\n');
}
