/** `holdfast restore fleet`: many WorkSpaces brought back, in waves, after a bad upgrade for instance. */
import type { UpdateDefinition } from '@temporalio/common';
import { InvalidArgumentError, type Command } from 'commander';
import type { FleetRestoreInput } from '../../domain/fleet-restore.ts';
import { attributesOf } from '../../domain/search-attributes.ts';
import type { By, SteeringAnswer } from '../../domain/steering.ts';
import {
  abortFleetRestoreUpdate,
  approveFleetRestoreUpdate,
  fleetRestoreStatusQuery,
  imageRestoreFleetId,
  pauseFleetRestoreUpdate,
  resumeFleetRestoreUpdate,
  type FleetRestoreResult,
} from '../../workflows/image-restore-fleet.messages.ts';
import { begin } from '../begin.ts';
import { CommandError } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { addFleetRestoreFlags, fleetRestoreInput, type FleetRestoreFlags } from '../restore-fleet-flags.ts';
import { fleetRestoreText } from '../restore-fleet-text.ts';
import { person, sayTo } from '../say-to-run.ts';
import { withTemporal } from '../temporal.ts';
import { requireWorker } from '../workers.ts';

type FleetRestore = (input: FleetRestoreInput) => Promise<FleetRestoreResult>;

interface NameFlags {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly reason?: string;
  readonly json?: boolean;
}

export function addRestoreFleet(restore: Command): void {
  const fleet = restore
    .command('fleet')
    .description('restore many WorkSpaces in waves, after a bad upgrade for instance');
  addStart(fleet);
  addStatus(fleet);
  steering(fleet, 'approve <count>', 'let it begin, for so many WorkSpaces').action(
    async (count: string, flags: NameFlags) => await say(flags, approveFleetRestoreUpdate, { count: whole(count) }),
  );
  steering(fleet, 'pause', 'begin no new restore; those under way go on').action(
    async (flags: NameFlags) => await say(flags, pauseFleetRestoreUpdate, {}),
  );
  steering(fleet, 'resume', 'go on after a pause or a hold').action(
    async (flags: NameFlags) => await say(flags, resumeFleetRestoreUpdate, {}),
  );
  steering(fleet, 'abort', 'begin no new restore, and stop those that have destroyed nothing').action(
    async (flags: NameFlags) => await say(flags, abortFleetRestoreUpdate, {}),
  );
}

function addStart(fleet: Command): void {
  addFleetRestoreFlags(fleet.command('start'))
    .description('restore the WorkSpaces that carry a tag, or that an upgrade’s report names')
    .option('--wait', 'wait for its end')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: FleetRestoreFlags & { readonly wait?: boolean; readonly json?: boolean }) => {
      const input = fleetRestoreInput(flags);
      await withTemporal(async ({ client }) => {
        await requireWorker(client, input.target);
        const workflowId = imageRestoreFleetId(input.target, input.name);
        const summary = `${input.name} by ${input.strategy}`;
        const searchAttributes = attributesOf('image-restore-fleet', input.target, input.name);
        const about = { type: 'imageRestoreFleet', workflowId, input, searchAttributes, summary };
        const { runId } = await begin(client, about, {
          what: 'a restore of that name',
          look: `holdfast restore fleet status --account ${input.target.account} --region ${input.target.region} --name ${input.name}`,
        });
        if (!flags.json) print(`Started ${workflowId}`);
        if (!flags.wait) {
          if (flags.json) printJson({ workflowId, runId });
          return;
        }
        const result = await client.workflow.result<FleetRestore>(workflowId, runId);
        if (flags.json) printJson({ workflowId, result });
        else print(`Ended: ${result.outcome}${result.problems.map((each) => `\n  ${each}`).join('')}`);
        if (result.outcome === 'refused') throw new CommandError('failed', 'it was refused: nothing was changed');
        if (result.outcome !== 'completed')
          throw new CommandError('partlyFailed', 'some were not restored: see the report');
      });
    });
}

const EXAMPLE = `
Example:
  holdfast restore fleet start --account 111122223333 --region eu-central-1 --name after-monday --strategy snapshot \\
    --not-after 2026-03-02T08:00:00Z --from-report report.csv --confirm-count 37 --canary 1 --max-failures 10% \\
    --report-bucket holdfast-reports

Ends with 0 once it has begun; with --wait: 0 when all were restored, 3 when some were not, 1 when it was refused.`;

const named = (command: Command): Command =>
  command
    .requiredOption('--account <id>', 'the AWS account of the WorkSpaces')
    .requiredOption('--region <name>', 'their Region')
    .requiredOption('--name <name>', 'what the run is called')
    .option('--json', 'one JSON document on stdout');

function addStatus(fleet: Command): void {
  named(fleet.command('status'))
    .description('show how far it is, or how it ended')
    .addHelpText('after', exampleOf('status'))
    .action(async (flags: NameFlags) => {
      await withTemporal(async ({ client }) => {
        await requireWorker(client);
        const workflowId = imageRestoreFleetId(flags, flags.name);
        const status = await client.workflow.getHandle(workflowId).query(fleetRestoreStatusQuery);
        if (flags.json) printJson({ workflowId, ...status });
        else print(fleetRestoreText(workflowId, status));
        const waits = status.rows.some(({ blocked }) => blocked !== null);
        if (status.halt || waits || status.phase === 'awaitingApproval') {
          throw new CommandError('blocked', 'the restore waits for a person: see what for');
        }
      });
    });
}

const steering = (fleet: Command, name: string, description: string): Command =>
  named(fleet.command(name))
    .description(description)
    .option('--reason <text>', 'why; it is kept in the report')
    .addHelpText('after', exampleOf(name.replace('<count>', '37')));

const exampleOf = (command: string): string =>
  `\nExample:\n  holdfast restore fleet ${command} --account 111122223333 --region eu-central-1 --name after-monday`;

async function say<Request extends By>(
  flags: NameFlags,
  update: UpdateDefinition<SteeringAnswer, [Request]>,
  about: Omit<Request, keyof By>,
): Promise<void> {
  const request = { ...about, by: person(), reason: flags.reason ?? null } as unknown as Request;
  const workflowId = imageRestoreFleetId(flags, flags.name);
  await withTemporal(async ({ client }) => {
    await requireWorker(client);
    const answer = await sayTo(client, { workflowId, update, request, unknown: notFound });
    if (flags.json) printJson({ workflowId, ...answer });
    else print(`${workflowId}\n${answer.answer}`);
  });
}

const notFound = (workflowId: string): CommandError =>
  new CommandError('notFound', `no restore is known as ${workflowId}: check --account, --region and --name`);

function whole(value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw new InvalidArgumentError('give the number of WorkSpaces');
}
