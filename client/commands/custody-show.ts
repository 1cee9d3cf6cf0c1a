/** `holdfast custody show`: the whole chain of one recovery point. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { CustodyRecord, CustodyRecordInput } from '../../domain/custody-record.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { CONFIG_FILE } from '../config-flag.ts';
import { pointArnOf, readCustody } from '../custody-choice.ts';
import { copyPlacesOf } from '../copy-place.ts';
import { custodyPolicyOf } from '../custody-policy.ts';
import { custodyText, recordText } from '../custody-text.ts';
import { CommandError } from '../exit.ts';
import { onInterrupt } from '../interrupt.ts';
import { print, printJson, progress } from '../output.ts';
import { withTemporal } from '../temporal.ts';
import { runFailed } from '../upgrade-failure.ts';
import { requireWorker } from '../workers.ts';

interface Flags {
  readonly policy?: string;
  readonly config: string;
  readonly json?: boolean;
}

export function addCustodyShow(custody: Command): void {
  custody
    .command('show <recovery-point-arn>')
    .description('show the whole chain of a recovery point: source, copies, verification, retention, evidence')
    .option('--policy <name>', 'of a custody that Temporal has forgotten: the policy, which says where evidence lies')
    .option('--config <file>', 'the file that declares it', CONFIG_FILE)
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (arn: string, flags: Flags) => {
      const pointArn = pointArnOf(arn);
      await withTemporal(async ({ client }) => {
        await requireWorker(client);
        try {
          await showRun(client, pointArn, flags);
        } catch (error) {
          const isForgotten = error instanceof CommandError && error.exit === 'notFound';
          if (!isForgotten || flags.policy === undefined) throw error;
          await showRecord(client, pointArn, flags);
        }
      });
    });
}

const EXAMPLE = `
Example:
  holdfast custody show arn:aws:ec2:eu-central-1::snapshot/snap-0123456789abcdef0
  holdfast custody show arn:aws:ec2:eu-central-1::snapshot/snap-0123456789abcdef0 --policy nightly

Ends with 0, also after its end; with 1 when the custody itself failed; with 4 when it waits for a person.`;

async function showRun(client: Client, pointArn: string, { json }: Flags): Promise<void> {
  const { workflowId, runId, execution, failure, status } = await readCustody(client, pointArn);
  if (failure !== null) throw runFailed(workflowId, execution, failure);
  const places = await copyPlacesOf(client, status.input.point, status);
  if (json) printJson({ workflowId, runId, execution, ...status, copyPlaces: Object.fromEntries(places) });
  else print(custodyText(status, places));
  if (status.health === 'blocked' && execution === 'RUNNING') {
    throw new CommandError('blocked', 'it waits for a person: see what for, then `holdfast custody resume`');
  }
}

async function showRecord(client: Client, pointArn: string, { policy: name = '', config, json }: Flags): Promise<void> {
  const { evidence } = await custodyPolicyOf(config, name);
  progress('Temporal knows nothing of it (any more): looking through the evidence');
  const handle = await client.workflow.start<(input: CustodyRecordInput) => Promise<CustodyRecord | null>>(
    'custodyRecord',
    {
      workflowId: `custody-record/${name}/${randomUUID().slice(0, 8)}`,
      taskQueue: TASK_QUEUE,
      args: [{ evidence, pointArn }],
    },
  );
  const forget = onInterrupt(async () => void (await handle.cancel()));
  const record = await handle.result().finally(forget);
  const { bucket, prefix } = evidence.place;
  if (!record) throw new CommandError('notFound', `neither Temporal nor s3://${bucket}/${prefix} knows of ${pointArn}`);
  if (json) printJson(record);
  else print(recordText(record, bucket));
}
