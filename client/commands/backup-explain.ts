/** `holdfast backup explain`: which images stay and which go, and why; with `--simulate`, over time. Changes nothing. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { InvalidArgumentError, type Command } from 'commander';
import { parseAwsSchedule } from '../../domain/aws-cron.ts';
import type { ScheduleSpec } from '../../domain/calendar.ts';
import { BACKUP_DEFAULTS } from '../../domain/image-backup.ts';
import { decideRetention, type RetentionPolicy } from '../../domain/image-retention.ts';
import type { RetentionRow } from '../../domain/retention-row.ts';
import { simulateRetention } from '../../domain/retention-simulation.ts';
import { timesOf } from '../../domain/schedule-times.ts';
import { TASK_QUEUE, type Target } from '../../domain/target.ts';
import {
  imageRetentionPlanId,
  retentionRowsQuery,
  type RetentionPlan,
  type RetentionPlanInput,
} from '../../workflows/image-retention.messages.ts';
import { CommandError } from '../exit.ts';
import { onInterrupt } from '../interrupt.ts';
import { print, printJson } from '../output.ts';
import { addRetentionFlags, retentionOf, type RetentionFlags } from '../retention-flags.ts';
import { byGroup, policyText, retentionText, simulationText } from '../retention-text.ts';
import { parsePeriod, type Period } from '../period-flag.ts';
import { withTemporal } from '../temporal.ts';
import { requireWorker } from '../workers.ts';

interface ExplainFlags extends RetentionFlags {
  readonly account?: string;
  readonly region?: string;
  readonly policy: string;
  readonly config?: string;
  readonly simulate?: Period;
  readonly cron?: ScheduleSpec;
  readonly timeZone?: string;
  readonly from?: Date;
  readonly json?: boolean;
}

export function addBackupExplain(backup: Command): void {
  const command = backup
    .command('explain')
    .description('show which images stay and which go, and why; changes nothing')
    .optionsGroup('Which policy:')
    .option('--account <id>', 'the AWS account of the images')
    .option('--region <name>', 'their Region')
    .option('--policy <name>', 'the policy by which they were made', BACKUP_DEFAULTS.policy)
    .option('--config <file>', 'take the policy, its place and its schedule from this file');
  addRetentionFlags(command)
    .optionsGroup('Over time (needs no AWS and no worker):')
    .option('--simulate <period>', 'what the policy would keep of one WorkSpace: 90d, 12w or 1y', parsePeriod)
    .option('--cron <expression>', `when runs begin, as AWS writes it (default: ${BACKUP_DEFAULTS.cron})`, parseCron)
    .option('--time-zone <name>', 'of the schedule (default: UTC)', parseZone)
    .option('--from <date>', 'when it begins, such as 2026-01-01 (default: now)', parseDate)
    .optionsGroup('Options:')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (flags: ExplainFlags) => {
      const meant = await meantBy(flags, (name) => command.getOptionValueSource(name) === 'cli');
      if (flags.simulate) simulate(flags, flags.simulate, meant);
      else await explain(flags, meant);
    });
}

const EXAMPLE = `
Example:
  holdfast backup explain --account 111122223333 --region eu-central-1 --policy golden --keep-at-least 3
  holdfast backup explain --policy golden --config holdfast.yaml
  holdfast backup explain --simulate 1y --days none --keep-daily 7 --keep-weekly 4 --keep-monthly 12

An image stays when any part of the policy keeps it. Whatever the policy says, these stay: the last good image of each
WorkSpace, and images that a bundle uses, that are shared, being made, tagged holdfast:keep, or not made by the policy.

Ends with 0, or with 1 when the policy is refused.`;

interface Meant {
  readonly target: Target | null;
  readonly policy: RetentionPolicy;
  readonly spec: ScheduleSpec;
  readonly timeZone: string;
}

const PARTS = ['days', 'keepAtLeast', 'keepDaily', 'keepWeekly', 'keepMonthly', 'maxDeletePercent'] as const;

/** What the flags say; with a file, what it says, and the flags instead of single parts of that. */
async function meantBy(flags: ExplainFlags, isGiven: (name: string) => boolean): Promise<Meant> {
  const given = retentionOf(flags);
  const { account, region, timeZone = 'UTC' } = flags;
  const target = account && region ? { account, region } : null;
  if (flags.config === undefined) return { target, policy: given, spec: flags.cron ?? DEFAULT_SPEC, timeZone };
  // Only who names a file waits until the file's judge is loaded.
  const { readConfig } = await import('../config-file.ts');
  const { imageBackup, schedules } = readConfig(flags.config);
  const input = Object.hasOwn(imageBackup, flags.policy) ? imageBackup[flags.policy] : undefined;
  if (!input) {
    const known = Object.keys(imageBackup).join(', ') || 'none';
    throw new CommandError('usage', `${flags.config} has no imageBackup policy ${flags.policy}; it has ${known}`);
  }
  const schedule = Object.values(schedules).find(
    ({ starts }) => starts.capability === 'imageBackup' && starts.policy === flags.policy,
  );
  const instead = Object.fromEntries(PARTS.filter(isGiven).map((part) => [part, given[part]]));
  return {
    target: target ?? input.target,
    policy: { ...input.retention, ...instead },
    spec: flags.cron ?? schedule?.spec ?? DEFAULT_SPEC,
    timeZone: flags.timeZone ?? schedule?.timeZone ?? 'UTC',
  };
}

function parseCron(value: string): ScheduleSpec {
  const parsed = parseAwsSchedule(value);
  if (parsed.ok) return parsed.spec;
  throw new InvalidArgumentError(parsed.problem);
}

const DEFAULT_SPEC = parseCron(BACKUP_DEFAULTS.cron);

function parseDate(value: string): Date {
  const date = new Date(value);
  if (/^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(date.getTime())) return date;
  throw new InvalidArgumentError('give a date such as 2026-01-01 or 2026-01-01T08:00Z');
}

function parseZone(value: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    throw new InvalidArgumentError('give a time zone of IANA’s, such as Europe/Berlin');
  }
}

function simulate(flags: ExplainFlags, period: Period, { policy, spec, timeZone }: Meant): void {
  const from = flags.from ?? new Date();
  const until = period.after(from);
  const empty = decideRetention(policy, [], from.toISOString(), flags.policy);
  if (!empty.ok) throw new CommandError('failed', empty.refused);
  const times = timesOf(spec, timeZone, from, until);
  if (times.length > MOST_RUNS) {
    throw new CommandError('usage', `${times.length} runs are too many to simulate: give a shorter --simulate`);
  }
  const simulation = simulateRetention(policy, times);
  const refusals = simulation.runs.filter(({ refused }) => refused !== null);
  if (flags.json) printJson({ policy, from, until, timeZone, simulation });
  else {
    print(
      `Of each WorkSpace stay: ${policyText(policy)}. It begins on ${from.toISOString().slice(0, 10)} without any image.`,
    );
    print(`\n${simulationText(simulation)}`);
  }
  const [first] = refusals;
  if (first) {
    throw new CommandError(
      'failed',
      `${refusals.length} runs would be refused, the first at ${first.at}: ${first.refused}`,
    );
  }
}

const MOST_RUNS = 20_000;

async function explain(flags: ExplainFlags, { target, policy }: Meant): Promise<void> {
  if (target === null) throw new CommandError('usage', 'whose images? give --account and --region, or --config');
  const input: RetentionPlanInput = { target, policy, policyName: flags.policy };
  await withTemporal(async ({ client }) => {
    await requireWorker(client, target);
    const { plan, rows } = await makePlan(client, input);
    if (flags.json) printJson({ policy, plan, images: rows });
    else {
      print(`Of each WorkSpace’s images of policy ${flags.policy} stay: ${policyText(policy)}.`);
      print(`\n${retentionText(plan, rows)}`);
    }
    if (plan.refused !== null) throw new CommandError('failed', 'retention would be refused: nothing would be deleted');
  });
}

const PAGE = 250;

async function makePlan(
  client: Client,
  input: RetentionPlanInput,
): Promise<{ readonly plan: RetentionPlan; readonly rows: readonly RetentionRow[] }> {
  const handle = await client.workflow.start<(input: RetentionPlanInput) => Promise<RetentionPlan>>(
    'imageRetentionPlan',
    { workflowId: `${imageRetentionPlanId(input)}/${randomUUID().slice(0, 8)}`, taskQueue: TASK_QUEUE, args: [input] },
  );
  const forget = onInterrupt(async () => void (await handle.cancel()));
  try {
    const plan = await handle.result();
    const rows: RetentionRow[] = [];
    for (let of = 1; rows.length < of;) {
      const page = await handle.query(retentionRowsQuery, { offset: rows.length, limit: PAGE });
      rows.push(...page.rows);
      of = page.rows.length === 0 ? 0 : page.of;
    }
    return { plan, rows: byGroup(rows) };
  } finally {
    forget();
  }
}
