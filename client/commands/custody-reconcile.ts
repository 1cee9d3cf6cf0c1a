/** `holdfast custody reconcile`: the sweep that a schedule starts every hour, now. */
import type { Command } from 'commander';
import type { CustodySweepResult } from '../../domain/custody-sweep.ts';
import { custodyReconcileId, type CustodyReconcileInput } from '../../domain/custody-reconcile.ts';
import { attributesOf } from '../../domain/search-attributes.ts';
import { begin } from '../begin.ts';
import { CONFIG_FILE } from '../config-flag.ts';
import { custodyPolicyOf } from '../custody-policy.ts';
import { sweepText } from '../custody-text.ts';
import { CommandError } from '../exit.ts';
import { print, printJson, progress } from '../output.ts';
import { uiLink, withTemporal } from '../temporal.ts';
import { plural } from '../text.ts';
import { requireWorker } from '../workers.ts';

interface Flags {
  readonly config: string;
  readonly policy: string;
  readonly full?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
}

export function addCustodyReconcile(custody: Command): void {
  custody
    .command('reconcile')
    .description('find the recovery points that no event told of, and begin their custodies')
    .option('--config <file>', 'the file of the policy', CONFIG_FILE)
    .requiredOption('--policy <name>', 'the policy of custody')
    .option('--full', 'list every vault, whatever was listed when')
    .option('--wait', 'wait for its end, and tell what it found')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags) => await reconcile(flags));
}

const EXAMPLE = `
Example:
  holdfast custody reconcile --policy nightly --full --wait

Ends with 0 once it has begun, and with --wait when it is through; with 3 when something could not be listed; with 11 when a
sweep of the policy runs already.`;

async function reconcile(flags: Flags): Promise<void> {
  const policy = await custodyPolicyOf(flags.config, flags.policy);
  const input: CustodyReconcileInput = { policy, full: flags.full ?? null };
  const workflowId = custodyReconcileId(policy.name);
  await withTemporal(async ({ client, place }) => {
    await requireWorker(client);
    const about = {
      type: 'custodyReconcile',
      workflowId,
      input,
      searchAttributes: attributesOf('custody-reconcile', policy.evidence.target, policy.name),
      summary: `${flags.full ? 'full ' : ''}sweep of ${policy.name}`,
    };
    const look = 'holdfast custody list';
    const { runId } = await begin(client, about, { what: `a sweep of ${policy.name}`, look });
    const link = uiLink(place, workflowId, runId);
    if (!flags.wait) {
      if (flags.json) printJson({ workflowId, runId, link });
      else print(`Started ${workflowId}${link ? `\n  ${link}` : ''}`);
      return;
    }
    progress('Looking for recovery points without a custody');
    const handle = client.workflow.getHandle(workflowId, runId, { firstExecutionRunId: runId });
    const result = (await handle.result()) as CustodySweepResult;
    if (flags.json) printJson({ workflowId, runId, link, result });
    else print(sweepText(result));
    throwIfFailed(result);
  });
}

function throwIfFailed({ failures }: CustodySweepResult): void {
  if (failures.length === 0) return;
  throw new CommandError(
    'partlyFailed',
    `${plural(failures.length, 'failure')}: what could not be listed says nothing`,
  );
}
