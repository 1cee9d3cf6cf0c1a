/** `holdfast custody plan`: what a policy would do with a recovery point, or with those of a vault. Changes nothing. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { InvalidArgumentError, type Command } from 'commander';
import { MOST_SHOWN, type CustodyPlan, type CustodyPlanInput } from '../../domain/custody-vault-plan.ts';
import { attributesOf } from '../../domain/search-attributes.ts';
import { TASK_QUEUE } from '../../domain/target.ts';
import { CONFIG_FILE } from '../config-flag.ts';
import { custodyPolicyOf } from '../custody-policy.ts';
import { pointPlanText, vaultPlanText } from '../custody-plan-text.ts';
import { CommandError } from '../exit.ts';
import { onInterrupt } from '../interrupt.ts';
import { print, printJson, progress } from '../output.ts';
import { withTemporal } from '../temporal.ts';
import { plural } from '../text.ts';
import { requireWorker } from '../workers.ts';

interface Flags {
  readonly config: string;
  readonly policy: string;
  readonly point?: string;
  readonly account?: string;
  readonly region?: string;
  readonly vault: string;
  readonly limit: number;
  readonly json?: boolean;
}

export function addCustodyPlan(custody: Command): void {
  custody
    .command('plan')
    .description('show what a policy would do with a recovery point, or with those of a vault; changes nothing')
    .requiredOption('--policy <name>', 'the policy of custody')
    .option('--config <file>', 'the file that declares it', CONFIG_FILE)
    .optionsGroup('Which recovery points:')
    .option('--point <arn>', 'this one; otherwise all of the vault')
    .requiredOption('--vault <name>', 'the vault that it lies in')
    .option('--account <id>', 'its account; default: the policy’s only source, or as in the ARN')
    .option('--region <name>', 'its Region; default: the policy’s only source, or as in the ARN')
    .option('--limit <count>', 'of a vault, show so many one by one; all are counted', parseLimit, 20)
    .optionsGroup('Options:')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags) => {
      const input = await inputOf(flags);
      const plan = await withTemporal(async ({ client }) => {
        await requireWorker(client);
        progress('Reading recovery points; nothing is changed');
        return await makePlan(client, input);
      });
      show(plan, input, flags);
    });
}

const EXAMPLE = `
Example:
  holdfast custody plan --policy nightly --point arn:aws:ec2:eu-central-1::snapshot/snap-0123456789abcdef0 --vault nightly
  holdfast custody plan --policy nightly --account 111122223333 --region eu-central-1 --vault nightly --limit 50

Ends with 0, or with 1 when something stands in the way; with 10 when the recovery point is not there.`;

function parseLimit(value: string): number {
  const limit = Number(value);
  if (/^\d+$/.test(value) && limit <= MOST_SHOWN) return limit;
  throw new InvalidArgumentError(`give a whole number from 0 to ${MOST_SHOWN}`);
}

async function inputOf({ config, policy: name, point, vault, limit, ...flags }: Flags): Promise<CustodyPlanInput> {
  const policy = await custodyPolicyOf(config, name);
  const [only, ...others] = policy.sources;
  const source = others.length === 0 ? only : undefined;
  const [arn, , , ofRegion, ofAccount] = point?.split(':') ?? [];
  if (point !== undefined && arn !== 'arn') {
    throw new CommandError('usage', `--point: must be the ARN of a recovery point, got ${JSON.stringify(point)}`);
  }
  const account = flags.account ?? (ofAccount || source?.account);
  const region = flags.region ?? (ofRegion || source?.region);
  if (!account || !region) {
    throw new CommandError('usage', 'which vault? give --account and --region: the policy has several sources');
  }
  const place = { account, region, vault };
  return {
    policy,
    scope:
      point === undefined ? { kind: 'vault', vault: place, limit } : { kind: 'point', point: { ...place, arn: point } },
  };
}

/** Has a worker make the plan; an interrupted command has it stop. */
async function makePlan(client: Client, input: CustodyPlanInput): Promise<CustodyPlan> {
  const { policy, scope } = input;
  const place = scope.kind === 'vault' ? scope.vault : scope.point;
  const resource = scope.kind === 'vault' ? scope.vault.vault : scope.point.arn;
  const handle = await client.workflow.start<(input: CustodyPlanInput) => Promise<CustodyPlan>>('custodyPlan', {
    workflowId: `custody-plan/${policy.name}/${randomUUID().slice(0, 8)}`,
    taskQueue: TASK_QUEUE,
    args: [input],
    searchAttributes: attributesOf('custody-plan', place, resource) as Record<string, string[]>,
  });
  const forget = onInterrupt(async () => void (await handle.cancel()));
  try {
    return await handle.result();
  } finally {
    forget();
  }
}

function show(plan: CustodyPlan, { policy, scope }: CustodyPlanInput, { json }: Flags): void {
  if (plan.kind === 'vault') {
    if (json) printJson({ plan });
    else print(vaultPlanText(policy.name, plan));
    return;
  }
  const { point } = plan;
  if (point === null) {
    const arn = scope.kind === 'point' ? scope.point.arn : '';
    throw new CommandError('notFound', `${arn} is not there: look at its vault, account and Region`);
  }
  if (json) printJson({ plan: point });
  else print(pointPlanText(policy.name, point));
  const ofCopies = point.legs.reduce((sum, leg) => sum + leg.obstacles.length, 0);
  const obstacles = ofCopies + (point.original?.gate?.kind === 'blocked' ? 1 : 0);
  if (obstacles > 0) throw new CommandError('failed', `${plural(obstacles, 'obstacle')} would block it: see the plan`);
}
