/** `holdfast backup start`: shows the plan, asks, and begins. */
import { setTimeout as sleep } from 'node:timers/promises';
import confirm from '@inquirer/confirm';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { ImageBackupInput } from '../../domain/image-backup.ts';
import type { ImageBackupResult } from '../../workflows/image-backup.messages.ts';
import { backupFlagsOf } from '../backup-choice.ts';
import { addBackupFlags, type BackupFlags } from '../backup-flags.ts';
import { backupInput } from '../backup-input.ts';
import { beginBackup, makeBackupPlan, readBackup, refuseIfBackupRuns } from '../backup-run.ts';
import { backupPlanText, backupResultText, plannedDeletionsText } from '../backup-text.ts';
import { CommandError } from '../exit.ts';
import { print, printJson, progress, say } from '../output.ts';
import { uiLink, withTemporal, type TemporalClient } from '../temporal.ts';
import { hasFailed, runFailed } from '../upgrade-failure.ts';
import { requireWorker } from '../workers.ts';

interface Flags extends BackupFlags {
  readonly yes?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function addBackupStart(backup: Command): void {
  addBackupFlags(backup.command('start'))
    .description('show the plan, ask, and make the images')
    .option('--yes', 'do not ask; for scripts')
    .option('--wait', 'wait for its end')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags, command: Command) => {
      const input = backupInput(flags, command);
      if (!flags.yes && !process.stdin.isTTY) {
        throw new CommandError(
          'usage',
          'there is no terminal to ask on: look at `holdfast backup plan` and give --yes to start without a question',
        );
      }
      await withTemporal(async (temporal) => await start(temporal, input, flags));
    });
}

const EXAMPLE = `
Example:
  holdfast backup start --policy golden --config holdfast.yaml --yes

Ends with 0 once it has begun; with 1 when it is refused, fails, or the question is answered with no. With --wait: 0 when
every WorkSpace has its image and what was to go is gone, otherwise 3.`;

async function start({ client, place }: TemporalClient, input: ImageBackupInput, flags: Flags): Promise<void> {
  await requireWorker(client, input.target);
  await refuseIfBackupRuns(client, input);
  if (!flags.yes) await ask(client, input);
  const { workflowId, runId } = await beginBackup(client, input);
  const link = uiLink(place, workflowId, runId);
  if (!flags.json) print(`Started ${workflowId}${link ? `\n  ${link}` : ''}`);
  if (!flags.wait) return await untilChecked(client, input, { workflowId, runId, link, json: flags.json ?? false });
  const result = (await client.workflow
    .getHandle(workflowId, runId, { firstExecutionRunId: runId })
    .result()) as ImageBackupResult;
  if (flags.json) printJson({ workflowId, runId, link, result });
  else print(backupResultText(input, result));
  throwByOutcome(result.outcome);
}

/** Ends the command unless the answer is yes. */
async function ask(client: Client, input: ImageBackupInput): Promise<void> {
  progress('Reading WorkSpaces and images; nothing is changed yet');
  const { summary, images } = await makeBackupPlan(client, input);
  say(`${[plannedDeletionsText(images), backupPlanText(input, summary)].filter(Boolean).join('\n\n')}\n`);
  if (summary.problems.length > 0) throw new CommandError('failed', 'this backup would be refused: see the problems');
  const message = `Make images of ${summary.going} WorkSpaces, and delete ${summary.retention.delete} older ones?`;
  if (!(await confirm({ message, default: false }, { output: process.stderr }))) {
    throw new CommandError('failed', 'not started, nothing was changed');
  }
}

interface Begun {
  readonly workflowId: string;
  readonly runId: string;
  readonly link: string | null;
  readonly json: boolean;
}

/** The run looks at everything by itself before it makes an image: until then it may still be refused. */
async function untilChecked(client: Client, input: ImageBackupInput, { json, ...begun }: Begun): Promise<void> {
  let view = await readBackup(client, begun.workflowId);
  while (view.status.phase === 'preflight' && !hasFailed(view.execution)) {
    await sleep(500);
    view = await readBackup(client, begun.workflowId);
  }
  if (hasFailed(view.execution)) throw runFailed(begun.workflowId, view.execution, view.failure);
  const { plan, phase } = view.status;
  if (json) printJson({ ...begun, plan });
  if (phase === 'refused') {
    if (plan) say(backupPlanText(input, plan));
    throw new CommandError('failed', 'the backup was refused: see the problems');
  }
  if (!json) print(`See how far it is with:  holdfast backup status ${backupFlagsOf(begun.workflowId)}`);
}

/** 0 for what is done, 3 for what is done in part, 1 for what is not done at all. */
function throwByOutcome(outcome: ImageBackupResult['outcome']): void {
  switch (outcome) {
    case 'completed':
      return;
    case 'nobodySelected':
      throw new CommandError('partlyFailed', 'the selection fits no WorkSpace: no image was made');
    case 'partiallyFailed':
    case 'aborted':
      throw new CommandError('partlyFailed', 'some WorkSpaces have no new image, or old ones are left: see the report');
    case 'refused':
      throw new CommandError('failed', 'the backup was refused: see the problems');
  }
}
