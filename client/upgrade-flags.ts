/** The flags of an upgrade, and its parameters from them. */
import { InvalidArgumentError, type Command } from 'commander';
import { DEFAULTS, type ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { parseUpgradeInput } from '../domain/upgrade-input.ts';
import { parseDuration } from './duration.ts';
import { CommandError } from './exit.ts';

/** What commander makes of the flags; numbers that are none stay text, for one judge of all values. */
export interface UpgradeFlags {
  readonly account?: string;
  readonly region?: string;
  readonly bundle?: string;
  readonly image?: string;
  readonly tag?: ImageUpgradeInput['tag'];
  readonly notifySeconds: number | string;
  readonly pollSeconds: number | string;
  readonly waitTimeoutMinutes: number | string;
  readonly maxConcurrent: number | string;
  readonly quietMarginHours: number | string;
  readonly maxDataLoss?: number;
  readonly reportBucket?: string;
  readonly reportPrefix: string;
  readonly reportKmsKey?: string;
  readonly poolsToo?: boolean;
  readonly deleteSchedule?: string;
  readonly deleteStack?: string;
}

const FLAG_OF: Readonly<Record<string, string>> = {
  'target.account': '--account',
  'target.region': '--region',
  bundleId: '--bundle',
  imageId: '--image',
  'tag.key': '--tag',
  'tag.value': '--tag',
  notifySeconds: '--notify-seconds',
  pollSeconds: '--poll-seconds',
  waitTimeoutMinutes: '--wait-timeout-minutes',
  maxConcurrent: '--max-concurrent',
  quietMarginHours: '--quiet-margin-hours',
  maxDataLossSeconds: '--max-data-loss',
  'report.bucket': '--report-bucket',
  'report.prefix': '--report-prefix',
  'report.kmsKeyArn': '--report-kms-key',
  'afterwards.deleteScheduleId': '--delete-schedule',
  'afterwards.deleteStackName': '--delete-stack',
};

const number = (value: string): number | string => (/^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value);

function tag(value: string): ImageUpgradeInput['tag'] {
  const at = value.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('give Key=Value, such as Env=Prod');
  return { key: value.slice(0, at), value: value.slice(at + 1) };
}

function duration(value: string): number {
  const seconds = parseDuration(value);
  if (seconds === null) throw new InvalidArgumentError('give seconds, or a duration such as 90m, 4h or 1d');
  return seconds;
}

export function addUpgradeFlags(command: Command): Command {
  return command
    .option('--account <id>', 'the AWS account of the WorkSpaces')
    .option('--region <name>', 'their Region')
    .option('--bundle <id>', 'the custom bundle that gets the new image: wsb-…')
    .option('--image <id>', 'the new image: wsi-…')
    .option('--tag <Key=Value>', 'upgrade the WorkSpaces on the bundle that carry this tag', tag)
    .option('--report-bucket <name>', 'the S3 bucket for the reports, in the same account and Region')
    .option('--report-prefix <prefix>', 'the folder in it', DEFAULTS.reportPrefix)
    .option('--report-kms-key <arn>', 'encrypt the reports with this KMS key')
    .option(
      '--notify-seconds <n>',
      'warn users so long before the rebuild; 0: no warning',
      number,
      DEFAULTS.notifySeconds,
    )
    .option('--max-concurrent <n>', 'rebuild so many at once', number, DEFAULTS.maxConcurrent)
    .option('--wait-timeout-minutes <n>', 'wait so long for a snapshot', number, DEFAULTS.waitTimeoutMinutes)
    .option(
      '--quiet-margin-hours <n>',
      'a snapshot so much later than the user’s last connection is new enough; 0: always wait for the next',
      number,
      DEFAULTS.quietMarginHours,
    )
    .option('--max-data-loss <duration>', 'wait for another snapshot rather than lose more of a user’s work', duration)
    .option(
      '--poll-seconds <n>',
      'the smallest distance between two looks at a WorkSpace',
      number,
      DEFAULTS.pollSeconds,
    )
    .option('--pools-too', 'go on although WorkSpaces Pools use the bundle')
    .option('--delete-schedule <id>', 'delete this Temporal schedule when the run has ended')
    .option('--delete-stack <name>', 'delete this CloudFormation stack when the run has ended');
}

/** The parameters; what is wrong with them ends the command, all at once and before anything is done. */
export function upgradeInput(flags: UpgradeFlags): ImageUpgradeInput {
  const { reportPrefix: _prefix, ...defaults } = DEFAULTS;
  const parsed = parseUpgradeInput(
    {
      ...defaults,
      target: { account: flags.account, region: flags.region },
      bundleId: flags.bundle,
      imageId: flags.image,
      tag: flags.tag,
      notifySeconds: flags.notifySeconds,
      pollSeconds: flags.pollSeconds,
      waitTimeoutMinutes: flags.waitTimeoutMinutes,
      maxConcurrent: flags.maxConcurrent,
      quietMarginHours: flags.quietMarginHours,
      maxDataLossSeconds: flags.maxDataLoss ?? null,
      poolsToo: flags.poolsToo ?? false,
      report: { bucket: flags.reportBucket, prefix: flags.reportPrefix, kmsKeyArn: flags.reportKmsKey ?? null },
      afterwards: { deleteScheduleId: flags.deleteSchedule ?? null, deleteStackName: flags.deleteStack ?? null },
    },
    (field) => FLAG_OF[field] ?? field,
  );
  if (parsed.ok) return parsed.input;
  // Key and value of a tag are one flag.
  const others = flags.tag ? parsed.problems : parsed.problems.filter((problem) => !problem.startsWith('--tag '));
  const missing = flags.tag ? [] : ['--tag is missing: give Key=Value, such as Env=Prod'];
  throw new CommandError('usage', [...others, ...missing].join('\n'));
}
