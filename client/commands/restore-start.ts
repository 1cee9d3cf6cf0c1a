/** `holdfast restore start`: shows what it would bring and lose, has the id typed again, and begins. */
import { createInterface } from 'node:readline/promises';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { ImageRestoreInput } from '../../domain/image-restore.ts';
import { isDestructive, snapshotsFor } from '../../domain/restore-checks.ts';
import { isRestored } from '../../domain/restore-outcome.ts';
import type { StrategyPlan } from '../../domain/restore-plan.ts';
import { newest } from '../../domain/snapshots.ts';
import type { ImageRestoreResult } from '../../workflows/image-restore.messages.ts';
import { CommandError } from '../exit.ts';
import { print, printJson, progress, say } from '../output.ts';
import { beginRestore, makeRestorePlan, refuseIfRestoring } from '../restore-begin.ts';
import { restoreFlagsOf } from '../restore-choice.ts';
import { addRestoreStartFlags, restoreInput, type RestoreStartFlags } from '../restore-flags.ts';
import { rowText, strategyText } from '../restore-text.ts';
import { uiLink, withTemporal, type TemporalClient } from '../temporal.ts';
import { requireWorker } from '../workers.ts';

interface Flags extends RestoreStartFlags {
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function addRestoreStart(restore: Command): void {
  addRestoreStartFlags(restore.command('start'))
    .description('show what it would bring back and lose, have the WorkSpace’s id typed again, and restore it')
    .option('--wait', 'follow it to its end')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags) => {
      const input = restoreInput(flags);
      if (input.confirm === null && isDestructive(input.strategy) && !process.stdin.isTTY) {
        throw new CommandError(
          'usage',
          `there is no terminal to ask on: look at \`holdfast restore plan\` and give --confirm ${input.workspaceId}`,
        );
      }
      await withTemporal(async (temporal) => await start(temporal, input, flags));
    });
}

const EXAMPLE = `
Example:
  holdfast restore start --account 111122223333 --region eu-central-1 --workspace ws-0fleet0001 --strategy image \\
    --image wsi-0fleet0002 --report-bucket holdfast-reports

Ends with 0 once it has begun, and with --wait when it is restored; with 1 when a check is not passed, the id is typed
otherwise, or it was not restored; with 3 when not all of its settings could be put back.`;

async function start({ client, place }: TemporalClient, input: ImageRestoreInput, flags: Flags): Promise<void> {
  await requireWorker(client, input.target);
  await refuseIfRestoring(client, input);
  const agreed = await agree(client, input);
  const { workflowId, runId } = await beginRestore(client, agreed);
  const link = uiLink(place, workflowId, runId);
  if (!flags.json) print(`Started ${workflowId}${link ? `\n  ${link}` : ''}`);
  if (!flags.wait) {
    if (flags.json) printJson({ workflowId, runId, link });
    else print(`Follow it with:  holdfast restore status ${restoreFlagsOf(workflowId)}`);
    return;
  }
  const handle = client.workflow.getHandle(workflowId, runId, { firstExecutionRunId: runId });
  const result = (await handle.result()) as ImageRestoreResult;
  if (flags.json) printJson({ workflowId, runId, link, result });
  else print(rowText(result.row));
  throwUnlessRestored(result);
}

/** Shows the plan; what a person then agrees to is this snapshot, and this WorkSpace. */
async function agree(client: Client, input: ImageRestoreInput): Promise<ImageRestoreInput> {
  progress('Reading the WorkSpace; nothing is changed yet');
  const { strategies, facts } = await makeRestorePlan(client, input);
  const plan = strategies.find(({ strategy }) => strategy === input.strategy) as StrategyPlan;
  say(`${strategyText(plan)}\n`);
  const inTheWay = plan.checks.filter(({ check, verdict }) => verdict !== 'ok' && check !== 'confirm');
  if (inTheWay.length > 0) throw new CommandError('failed', 'this restore would be refused: see the checks');
  const confirm = input.confirm ?? (isDestructive(input.strategy) ? await typed(input.workspaceId) : null);
  if (confirm !== null && confirm !== input.workspaceId) {
    throw new CommandError('failed', `${confirm} is not ${input.workspaceId}: not started, nothing was changed`);
  }
  return { ...input, confirm, snapshotTime: input.snapshotTime ?? newest(snapshotsFor(input.strategy, facts) ?? []) };
}

async function typed(workspaceId: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(`Type the id of the WorkSpace to restore it (${workspaceId}): `)).trim();
  } finally {
    lines.close();
  }
}

function throwUnlessRestored({ outcome, row }: ImageRestoreResult): void {
  if (outcome === 'restored') return;
  if (isRestored(outcome)) throw new CommandError('partlyFailed', 'not all of its settings could be put back');
  throw new CommandError('failed', `it was not restored (${outcome})${row.reason ? `: ${row.reason}` : ''}`);
}
