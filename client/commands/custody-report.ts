/** `holdfast custody report`: the CSV of each vault and month, written anew. */
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { attributesOf } from '../../domain/search-attributes.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import {
  custodyReportId,
  type CustodyReportInput,
  type CustodyReportResult,
} from '../../workflows/custody-evidence.messages.ts';
import { custodyPolicyOf } from '../custody-policy.ts';
import { addEvidenceFlags, evidenceScopeOf, type EvidenceFlags } from '../evidence-scope.ts';
import { custodyReportText } from '../evidence-text.ts';
import { CommandError } from '../exit.ts';
import { onInterrupt } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { withTemporal } from '../temporal.ts';
import { requireWorker } from '../workers.ts';

export function addCustodyReport(custody: Command): void {
  addEvidenceFlags(custody.command('report'))
    .description('write the reports of vaults and months to S3: a CSV of the recovery points that are settled')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: EvidenceFlags) => {
      const { name, evidence } = await custodyPolicyOf(flags.config, flags.policy);
      const input = { evidence, scope: evidenceScopeOf(flags) };
      await withTemporal(async ({ client }) => {
        await requireWorker(client);
        const handle = await client.workflow.start<Report>('custodyReport', {
          workflowId: `${custodyReportId(name)}/${randomUUID().slice(0, 8)}`,
          taskQueue: TASK_QUEUE,
          args: [input],
          searchAttributes: attributesOf('custody-report', evidence.target, name) as Record<string, string[]>,
        });
        const forget = onInterrupt(async () => void (await handle.cancel()));
        const result = await handle.result().finally(forget);
        if (flags.json) printJson(result);
        else if (result.reports.length > 0) print(custodyReportText(result));
        if (result.reports.length > 0) return;
        throw new CommandError(
          'notFound',
          'nothing is settled of these recovery points, so there is nothing to report',
        );
      });
    });
}

type Report = (input: CustodyReportInput) => Promise<CustodyReportResult>;

const EXAMPLE = `
Example:
  holdfast custody report --policy nightly --month 2026-03

A full listing by the reconciler writes them as well. Counts by outcome lie beside each CSV, as JSON.`;
