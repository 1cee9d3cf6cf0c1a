/** `holdfast custody restore-test`: proves that recovery points come back. */
import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { RestoreTestsInput } from '../../domain/restore-test.ts';
import { attributesOf } from '../../domain/search-attributes.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import {
  abortRestoreTestUpdate,
  restoreTestId,
  restoreTestsId,
  restoreTestStatusQuery,
  type RestoreTestPlan,
  type RestoreTestsResult,
  type RestoreTestStatus,
} from '../../workflows/custody-restore-test.messages.ts';
import { begin } from '../begin.ts';
import { CONFIG_FILE } from '../config-flag.ts';
import { restoreTestsOf } from '../custody-policy.ts';
import { noAnswer } from '../errors.ts';
import { CommandError } from '../exit.ts';
import { onInterrupt } from '../interrupt.ts';
import { print, printJson, progress } from '../output.ts';
import { restoreTestPlanText, restoreTestsText } from '../restore-test-text.ts';
import { person, sayTo } from '../say-to-run.ts';
import { uiLink, withTemporal } from '../temporal.ts';
import { requireWorker } from '../workers.ts';

interface Flags {
  readonly config: string;
  readonly policy: string;
  readonly type?: string;
  readonly vault?: string;
  readonly wait?: boolean;
  readonly reason?: string;
  readonly json?: boolean;
}

export function addCustodyRestoreTest(custody: Command): void {
  const tests = custody
    .command('restore-test')
    .description('restore recovery points into a place of their own, look at them, and delete them again');
  withFlags(tests.command('plan'))
    .description('show what would be restored, and where; changes nothing')
    .addHelpText('after', PLAN_HELP)
    .action(async (flags: Flags) => await plan(flags));
  withFlags(tests.command('start'))
    .description('restore, look, and delete again, now')
    .option('--wait', 'wait for its end')
    .addHelpText('after', START_HELP)
    .action(async (flags: Flags) => await start(flags));
  withFlags(tests.command('status'))
    .description('show the last test of each vault and type')
    .addHelpText('after', STATUS_HELP)
    .action(async (flags: Flags) => await status(flags));
  withFlags(tests.command('abort'))
    .description('end the tests, once what they have made is deleted')
    .option('--reason <text>', 'why')
    .addHelpText('after', ABORT_HELP)
    .action(async (flags: Flags) => await abort(flags));
}

const withFlags = (command: Command): Command =>
  command
    .option('--config <file>', 'the file of the policy', CONFIG_FILE)
    .requiredOption('--policy <name>', 'the policy of custody that has restoreTests')
    .option('--vault <name>', 'only those of this vault')
    .option('--type <resource type>', 'only those of this type: EBS, RDS, DynamoDB')
    .option('--json', 'one JSON document on stdout');

const helpOf = (example: string, ends: string): string => `
Example:
  holdfast custody restore-test ${example}

${ends}`;

const PLAN_HELP = helpOf('plan --policy nightly', 'Ends with 0, or with 1 when a test is not possible.');
const START_HELP = helpOf(
  'start --policy nightly --vault nightly --type EBS --wait',
  `What is restored has a name that begins with holdfast-restore-test-, or is the volume that the restore job made: nothing
else is deleted. Ends with 0 once it has begun; with --wait when all is deleted again, with 1 when a restore was not
verified.`,
);
const STATUS_HELP = helpOf(
  'status --policy nightly',
  'Ends with 0; with 1 when the last restore was not verified; with 4 while something that a test has made cannot be deleted.',
);
const ABORT_HELP = helpOf('abort --policy nightly --reason CHG-1', 'Ends with 0, or with 10 when none runs.');

/** Those that the flags leave. */
async function chosen({ config, policy, vault, type }: Flags): Promise<RestoreTestsInput> {
  const declared = await restoreTestsOf(config, policy);
  const tests = declared.tests.filter(
    (test) => (vault ?? test.vault.vault) === test.vault.vault && (type ?? test.resourceType) === test.resourceType,
  );
  if (tests.length > 0) return { ...declared, tests };
  const known = declared.tests.map((test) => `--vault ${test.vault.vault} --type ${test.resourceType}`).join('\n  ');
  throw new CommandError('usage', `${policy} has no such restore test; it has\n  ${known}`);
}

async function plan(flags: Flags): Promise<void> {
  const input = await chosen(flags);
  await withTemporal(async ({ client }) => {
    await requireWorker(client);
    progress('Looking at what would be restored; nothing is changed');
    const handle = await client.workflow.start<(input: RestoreTestsInput) => Promise<RestoreTestPlan[]>>(
      'custodyRestoreTestPlan',
      {
        workflowId: `restore-test-plan/${input.policy}/${randomUUID().slice(0, 8)}`,
        taskQueue: TASK_QUEUE,
        args: [input],
      },
    );
    const forget = onInterrupt(async () => void (await handle.cancel()));
    const plans = await handle.result().finally(forget);
    if (flags.json) printJson({ tests: plans });
    else print(restoreTestPlanText(plans));
    if (plans.some(({ problem }) => problem !== null)) throw new CommandError('failed', 'not every test is possible');
  });
}

async function start(flags: Flags): Promise<void> {
  const input = await chosen(flags);
  await withTemporal(async ({ client, place }) => {
    await requireWorker(client);
    const workflowId = restoreTestsId(input.policy);
    const about = {
      type: 'custodyRestoreTests',
      workflowId,
      input,
      searchAttributes: attributesOf('restore-tests', input.target, input.policy),
      summary: `restore tests of ${input.policy}`,
    };
    const look = `holdfast custody restore-test status --policy ${input.policy}`;
    const { runId } = await begin(client, about, { what: `a restore test of ${input.policy}`, look });
    const link = uiLink(place, workflowId, runId);
    if (!flags.wait) {
      if (flags.json) printJson({ workflowId, runId, link });
      else print(`Started ${workflowId}${link ? `\n  ${link}` : ''}\nFollow it with:  ${look}`);
      return;
    }
    progress('Restoring; a test ends when what it has made is deleted again');
    const result = (await client.workflow.getHandle(workflowId, runId).result()) as RestoreTestsResult;
    const tests = await statuses(client, input);
    if (flags.json) printJson({ workflowId, runId, link, result, tests });
    else print(restoreTestsText(tests));
    if (result.outcome === 'failed') throw new CommandError('failed', 'not every restore was verified: see why');
  });
}

async function status(flags: Flags): Promise<void> {
  const input = await chosen(flags);
  await withTemporal(async ({ client }) => {
    await requireWorker(client);
    const tests = await statuses(client, input);
    if (flags.json) printJson({ tests });
    else print(tests.length === 0 ? 'No restore was tested, as far as Temporal remembers' : restoreTestsText(tests));
    if (tests.some(({ leftBehind }) => leftBehind !== null)) {
      throw new CommandError('blocked', 'something that a test has made cannot be deleted: see why');
    }
    if (tests.some(({ outcome }) => outcome === 'failed'))
      throw new CommandError('failed', 'a restore was not verified');
  });
}

/** Of each that Temporal knows of. */
async function statuses(client: Client, { tests }: RestoreTestsInput): Promise<RestoreTestStatus[]> {
  const found = await Promise.all(
    tests.map(async (test) => {
      try {
        return await client.workflow.getHandle(restoreTestId(test)).query(restoreTestStatusQuery);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError || noAnswer(error) !== null) return null;
        throw error;
      }
    }),
  );
  return found.filter((each) => each !== null);
}

async function abort(flags: Flags): Promise<void> {
  const input = await chosen(flags);
  await withTemporal(async ({ client }) => {
    await requireWorker(client);
    const request = { by: person(), reason: flags.reason ?? null };
    const isPart = flags.vault !== undefined || flags.type !== undefined;
    const ids = isPart ? input.tests.map(restoreTestId) : [restoreTestsId(input.policy)];
    const unknown = (workflowId: string) => new CommandError('notFound', `no restore test runs as ${workflowId}`);
    const answers = await Promise.all(
      ids.map(async (workflowId) => {
        const { answer } = await sayTo(client, { workflowId, update: abortRestoreTestUpdate, request, unknown });
        return { workflowId, answer };
      }),
    );
    if (flags.json) printJson({ tests: answers });
    else print(answers.map(({ workflowId, answer }) => `${workflowId}: ${answer}`).join('\n'));
  });
}
