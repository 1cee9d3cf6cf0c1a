/** What the commands share that have an image backup do something while it goes on: each is one update. */
import type { UpdateDefinition } from '@temporalio/common';
import type { Command } from 'commander';
import type { By, SteeringAnswer } from '../domain/steering.ts';
import { addBackupChoice, backupFlagsOf, backupNotFound, withBackup, type BackupChoiceFlags } from './backup-choice.ts';
import { print, printJson } from './output.ts';
import { person, sayTo } from './say-to-run.ts';

export interface BackupSteeringFlags extends BackupChoiceFlags {
  readonly reason?: string;
  readonly json?: boolean;
}

/** @param example what follows `holdfast backup ` */
export const backupSteering = (backup: Command, nameAndArguments: string, example: string): Command =>
  addBackupChoice(backup.command(nameAndArguments))
    .option('--reason <text>', 'why; it is kept in the report')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', `\nExample:\n  holdfast backup ${example}\n\n${ENDS}`);

const ENDS = 'Ends with 0, or with 1 when the run refuses it: nothing was changed then.';

export async function steerBackup<Request extends By>(
  flags: BackupSteeringFlags,
  update: UpdateDefinition<SteeringAnswer, [Request]>,
  request: Omit<Request, keyof By>,
): Promise<void> {
  const said = { ...request, by: person(), reason: flags.reason ?? null } as unknown as Request;
  await withBackup(
    flags,
    async ({ client, workflowId }) => {
      const { answer } = await sayTo(client, { workflowId, update, request: said, unknown: backupNotFound });
      if (flags.json) printJson({ workflowId, answer });
      else
        print(`${workflowId}\n${answer}\nSee how far it is with:  holdfast backup status ${backupFlagsOf(workflowId)}`);
    },
    { running: true },
  );
}
