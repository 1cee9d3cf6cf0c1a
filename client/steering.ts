/** What the commands share that have a run do something while it goes on: each is one update. */
import type { UpdateDefinition } from '@temporalio/common';
import { InvalidArgumentError, type Command } from 'commander';
import type { By } from '../workflows/image-upgrade.messages.ts';
import { print, printJson } from './output.ts';
import { person, sayTo } from './say-to-run.ts';
import { addChoiceFlags, flagsOf, upgradeNotFound, withUpgrade, type ChoiceFlags } from './upgrade-choice.ts';

export interface SteeringFlags extends ChoiceFlags {
  readonly reason?: string;
  readonly json?: boolean;
}

/** @param example what follows `holdfast upgrade ` */
export function steeringCommand(upgrade: Command, nameAndArguments: string, example: string): Command {
  return addChoiceFlags(upgrade.command(nameAndArguments))
    .option('--reason <text>', 'why; it is kept in the report')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', `\nExample:\n  holdfast upgrade ${example}\n\n${ENDS}`);
}

const ENDS = 'Ends with 0, or with 1 when the run refuses it: nothing was changed then.';

/** For commander. */
export function workspaceId(value: string): string {
  if (/^ws-[0-9a-z]{8,63}$/.test(value)) return value;
  throw new InvalidArgumentError('give a WorkSpace id: ws- and 8 to 63 digits or small letters');
}

/** @param textOf the answer for people; the run's id and how to follow it are added. */
export async function steer<Answer extends object, Request extends Partial<By>>(
  flags: SteeringFlags,
  update: UpdateDefinition<Answer, [Request]>,
  request: Omit<Request, keyof By>,
  textOf: (answer: Answer, workflowId: string) => string,
): Promise<void> {
  const said = { ...request, by: person(), reason: flags.reason ?? null } as unknown as Request;
  await withUpgrade(
    flags,
    async ({ client, workflowId }) => {
      const answer = await sayTo(client, { workflowId, update, request: said, unknown: upgradeNotFound });
      if (flags.json) printJson({ workflowId, ...answer });
      else
        print(
          `${workflowId}\n${textOf(answer, workflowId)}\nFollow it with:  holdfast upgrade status --watch ${flagsOf(workflowId)}`,
        );
    },
    { running: true },
  );
}
