/** `holdfast upgrade plan`: what an upgrade would do. Changes nothing. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { ImageUpgradeInput } from '../../domain/image-upgrade.ts';
import { searchAttributesOf } from '../../domain/search-attributes.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import type { PlanRow, PlanSummary } from '../../domain/upgrade-plan.ts';
import { imageUpgradePlanId, planRowsQuery } from '../../workflows/image-upgrade.messages.ts';
import { formatDuration } from '../duration.ts';
import { CommandError } from '../exit.ts';
import { onInterrupt } from '../interrupt.ts';
import { print, printJson, progress, say } from '../output.ts';
import { planRowsText, planSummaryText } from '../plan-text.ts';
import { refuseUnlessWritable, savePlan, type Plan } from '../saved-plan.ts';
import { withTemporal } from '../temporal.ts';
import { addUpgradeFlags, type UpgradeFlags } from '../upgrade-flags.ts';
import { upgradeInput } from '../upgrade-input.ts';
import { overPolicy } from '../upgrade-policy.ts';
import { requireWorker } from '../workers.ts';

export function addUpgradePlan(upgrade: Command): void {
  addUpgradeFlags(upgrade.command('plan'))
    .description('show what an upgrade would do, WorkSpace by WorkSpace; changes nothing')
    .option('--save <file>', 'write it to this file, for `upgrade start --plan`')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: UpgradeFlags & { readonly json?: boolean; readonly save?: string }, command: Command) => {
      const input = upgradeInput(flags, await overPolicy(flags, command));
      if (flags.save !== undefined) refuseUnlessWritable(flags.save);
      await withTemporal(async ({ client }) => {
        await requireWorker(client, input.target);
        const plan = await makePlan(client, input);
        const { summary, rows } = plan;
        if (flags.json) printJson({ plan: summary, workspaces: rows });
        else print(`${planRowsText(rows)}\n\n${planSummaryText(input, summary)}`);
        if (summary.problems.length > 0)
          throw new CommandError(
            'failed',
            `this upgrade would be refused: see the problems${flags.save ? '; the plan was not saved' : ''}`,
          );
        if (flags.save) {
          savePlan(flags.save, input, plan);
          say(`Saved the plan: start it with  holdfast upgrade start --plan ${flags.save}`);
        }
      });
    });
}

const EXAMPLE = `
Example:
  holdfast upgrade plan --account 111122223333 --region eu-central-1 --bundle wsb-0fleet0001 --image wsi-0fleet0002 \\
    --tag Env=Prod --report-bucket holdfast-reports

Ends with 0, or with 1 when the upgrade would be refused.`;

type PlanWorkflow = (input: ImageUpgradeInput) => Promise<PlanSummary>;
const PAGE = 250;

/** Has a worker make the plan; an interrupted command has it stop. */
export async function makePlan(client: Client, input: ImageUpgradeInput): Promise<Plan> {
  const handle = await client.workflow.start<PlanWorkflow>('imageUpgradePlan', {
    workflowId: `${imageUpgradePlanId(input.target, input.bundleId)}/${randomUUID().slice(0, 8)}`,
    taskQueue: TASK_QUEUE,
    args: [input],
    searchAttributes: searchAttributesOf(input) as Record<string, string[]>,
  });
  const begun = performance.now();
  const reminder = setInterval(() => {
    progress(
      `Reading the fleet, for ${formatDuration((performance.now() - begun) / 1000)}: a call for each WorkSpace’s snapshots`,
    );
  }, 10_000);
  const forget = onInterrupt(async () => void (await handle.cancel()));
  try {
    const summary = await handle.result();
    const rows: PlanRow[] = [];
    for (let of = 1; rows.length < of;) {
      const page = await handle.query(planRowsQuery, { offset: rows.length, limit: PAGE });
      rows.push(...page.rows);
      of = page.rows.length === 0 ? 0 : page.of;
    }
    return { summary, rows };
  } finally {
    clearInterval(reminder);
    forget();
  }
}
