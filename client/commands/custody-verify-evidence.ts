/** `holdfast custody verify-evidence`: whether what custodies left behind is whole, as an auditor asks. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { EvidenceCheckInput, EvidenceCheckResult } from '../../domain/evidence-check.ts';
import { attributesOf } from '../../domain/search-attributes.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { evidenceCheckId } from '../../workflows/custody-evidence.messages.ts';
import { pointArnOf } from '../custody-choice.ts';
import { custodyPolicyOf } from '../custody-policy.ts';
import { addEvidenceFlags, evidenceScopeOf, type EvidenceFlags } from '../evidence-scope.ts';
import { evidenceCheckText } from '../evidence-text.ts';
import { CommandError } from '../exit.ts';
import { onInterrupt } from '../interrupt.ts';
import { print, printJson, progress } from '../output.ts';
import { withTemporal } from '../temporal.ts';
import { plural } from '../text.ts';
import { requireWorker } from '../workers.ts';

interface Flags extends EvidenceFlags {
  readonly point?: string;
}

export function addCustodyVerifyEvidence(custody: Command): void {
  addEvidenceFlags(custody.command('verify-evidence'))
    .description(
      'check that evidence and the records of restore tests are whole and that the index says the same; changes nothing',
    )
    .option('--point <arn>', 'only this recovery point; its chain is shown version by version')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags) => {
      const policy = await custodyPolicyOf(flags.config, flags.policy);
      const pointArn = flags.point === undefined ? null : pointArnOf(flags.point);
      const input = { evidence: policy.evidence, scope: { ...evidenceScopeOf(flags), pointArn } };
      await withTemporal(async ({ client }) => {
        await requireWorker(client);
        progress('Reading evidence; nothing is changed');
        const result = await check(client, policy.name, input);
        if (flags.json) printJson({ evidence: result });
        else print(evidenceCheckText(policy.evidence.place.bucket, result));
        conclude(result, input);
      });
    });
}

const EXAMPLE = `
Example:
  holdfast custody verify-evidence --policy nightly --account 111122223333 --region eu-central-1 --vault nightly --month 2026-03
  holdfast custody verify-evidence --policy nightly --point arn:aws:ec2:eu-central-1::snapshot/snap-0123456789abcdef0

Ends with 0 when every chain is whole, with 1 when something is missing or was changed, and with 10 when there is nothing.`;

type Check = (input: EvidenceCheckInput) => Promise<EvidenceCheckResult>;

async function check(client: Client, policy: string, input: EvidenceCheckInput): Promise<EvidenceCheckResult> {
  const handle = await client.workflow.start<Check>('custodyEvidenceCheck', {
    workflowId: `${evidenceCheckId(policy)}/${randomUUID().slice(0, 8)}`,
    taskQueue: TASK_QUEUE,
    args: [input],
    searchAttributes: attributesOf('custody-evidence-check', input.evidence.target, policy) as Record<string, string[]>,
  });
  const forget = onInterrupt(async () => void (await handle.cancel()));
  try {
    return await handle.result();
  } finally {
    forget();
  }
}

function conclude(
  { points, entries, restoreTests, problemCount }: EvidenceCheckResult,
  { evidence, scope }: EvidenceCheckInput,
): void {
  if (problemCount > 0) {
    throw new CommandError('failed', `${plural(problemCount, 'problem')}: something is missing or was changed`);
  }
  if (points + entries + restoreTests > 0) return;
  const what = scope.pointArn ?? 'any such recovery point';
  throw new CommandError(
    'notFound',
    `there is no evidence of ${what} in s3://${evidence.place.bucket}/${evidence.place.prefix}`,
  );
}
