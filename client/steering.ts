/** What the commands share that have a run do something while it goes on: each is one update. */
import { hostname, userInfo } from 'node:os';
import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { InvalidArgumentError, type Command } from 'commander';
import type { By } from '../workflows/image-upgrade.messages.ts';
import { CommandError } from './exit.ts';
import { print, printJson } from './output.ts';
import { addChoiceFlags, flagsOf, withUpgrade, type ChoiceFlags } from './upgrade-choice.ts';
import { notFound } from './upgrade-run.ts';

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
      const answer = await send(client, workflowId, update, said);
      if (flags.json) printJson({ workflowId, ...answer });
      else
        print(
          `${workflowId}\n${textOf(answer, workflowId)}\nFollow it with:  holdfast upgrade status --watch ${flagsOf(workflowId)}`,
        );
    },
    { running: true },
  );
}

async function send<Answer, Request>(
  client: Client,
  workflowId: string,
  update: UpdateDefinition<Answer, [Request]>,
  request: Request,
): Promise<Answer> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await handle.executeUpdate(update, { args: [request] });
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) {
      throw new CommandError('failed', error.cause?.message ?? error.message, { cause: error });
    }
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const about = await handle.describe().catch(() => null);
    if (about === null) throw notFound(workflowId);
    throw new CommandError('notFound', `${workflowId} does not run any more (${about.status.name.toLowerCase()})`);
  }
}

/** Who sits before this command, as far as this machine knows. */
function person(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container may run as a user that it has no name for.
    return `${process.getuid?.() ?? 'somebody'}@${hostname()}`;
  }
}
