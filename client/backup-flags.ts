/** The flags of an image backup, in groups as its help shows them. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { asRunsPerDay } from '../domain/backup-input.ts';
import { BACKUP_DEFAULTS, type ImageBackupInput } from '../domain/image-backup.ts';
import type { Tag } from '../domain/selection.ts';
import type { WindowRule } from '../domain/windows.ts';
import { parseMinutes } from './duration.ts';
import { idsInFile, parseTag, repeated } from './list-flag.ts';
import { wholeNumber } from './number-flag.ts';
import { addRetentionFlags, type RetentionFlags } from './retention-flags.ts';
import { parseWindow } from './window-flag.ts';

export interface BackupFlags extends RetentionFlags {
  readonly policy: string;
  readonly config?: string;
  readonly account?: string;
  readonly region?: string;
  readonly tag?: readonly Tag[];
  readonly anyTag?: readonly Tag[];
  readonly notTag?: readonly Tag[];
  readonly idsFile?: readonly string[];
  readonly directory?: readonly string[];
  readonly maxResources?: number;
  readonly startStopped?: boolean;
  readonly connected: ImageBackupInput['connectedUsers'];
  readonly window?: readonly WindowRule[];
  readonly maxConcurrent: number;
  readonly imageTimeout: number;
  readonly runTimeout: number;
  readonly runsPerDay: number;
  readonly imageQuota?: number;
  readonly operatorTopic?: string;
  readonly reportBucket?: string;
  readonly reportPrefix: string;
  readonly reportKmsKey?: string;
}

export function addBackupFlags(command: Command): Command {
  for (const add of [addWhat, addSelection, addImages, addRetentionFlags, addReport]) add(command);
  return command.optionsGroup('Options:');
}

function addWhat(command: Command): void {
  command
    .optionsGroup('What is backed up:')
    .option('--policy <name>', 'the policy: it names the run and its images', BACKUP_DEFAULTS.policy)
    .option('--config <file>', 'take the policy from this file, with all its parameters')
    .option('--account <id>', 'the AWS account of the WorkSpaces')
    .option('--region <name>', 'their Region');
}

function addSelection(command: Command): void {
  const { key, value } = BACKUP_DEFAULTS.selectionTag;
  command
    .optionsGroup(`Which WorkSpaces (each kind that is given must fit; none: those tagged ${key}=${value}):`)
    .option('--tag <Key=Value>', 'those that carry this tag; repeated: all of them', repeated(parseTag))
    .option('--any-tag <Key=Value>', 'those that carry one of these tags; repeatable', repeated(parseTag))
    .option('--not-tag <Key=Value>', 'not those that carry this tag; repeatable', repeated(parseTag))
    .option('--ids-file <file>', 'those in this file: an id a line, or a CSV report', idsInFile)
    .option('--directory <id>', 'those of this directory: d-…; repeatable', repeated(String))
    .option('--max-resources <n>', 'refuse a plan that is for more WorkSpaces', wholeNumber(0, 2_000));
}

function addImages(command: Command): void {
  command
    .optionsGroup('Images (each takes its WorkSpace away from its user for up to 45 minutes):')
    .option('--start-stopped', 'start a WorkSpace that is STOPPED, image it, and stop it again')
    .addOption(
      new Option('--connected <what>', 'a WorkSpace whose user is connected: leave it alone, wait, or cut the user off')
        .choices(['skip', 'wait', 'proceed'])
        .default(BACKUP_DEFAULTS.connectedUsers),
    )
    .option(
      '--window <rule>',
      'begin images only then: "Mon-Fri 22:00-05:00 Europe/Berlin", "directory d-…: …" or "tag Env=Prod: …"; ' +
        'repeatable, the first that fits counts',
      repeated(parseWindow),
    )
    .option('--max-concurrent <n>', 'make so many at once', wholeNumber(1, 500), BACKUP_DEFAULTS.maxConcurrent)
    .addOption(
      new Option('--image-timeout <duration>', 'an image that is not AVAILABLE after so long is unconfirmed')
        .argParser(parseMinutes)
        .default(BACKUP_DEFAULTS.imageTimeoutMinutes, '90m'),
    )
    .addOption(
      new Option('--run-timeout <duration>', 'begin nothing new so long after the start')
        .argParser(parseMinutes)
        .default(BACKUP_DEFAULTS.runTimeoutMinutes, '8h'),
    )
    .option(
      '--runs-per-day <n>',
      'how often the policy runs, for the room that its images need: 2, or 1/7 for once a week',
      runsPerDay,
      BACKUP_DEFAULTS.runsPerDay,
    )
    .option(
      '--image-quota <n>',
      'images that the Region may hold; without: as Service Quotas says',
      wholeNumber(0, 100_000),
    );
}

function runsPerDay(value: string): number {
  const [runs = '', days = '1', ...others] = value.split('/');
  const number = Number(runs) / Number(days);
  if (others.length === 0 && runs.trim() !== '' && Number.isFinite(number) && asRunsPerDay(number) === number)
    return number;
  throw new InvalidArgumentError('give a number of runs a day from 1/31 to 24, such as 2 or 1/7');
}

function addReport(command: Command): void {
  command
    .optionsGroup('Report:')
    .option('--report-bucket <name>', 'the S3 bucket for the reports, in the same account and Region')
    .option('--report-prefix <prefix>', 'the folder in it', BACKUP_DEFAULTS.reportPrefix)
    .option('--report-kms-key <arn>', 'encrypt the reports with this KMS key')
    .option('--operator-topic <arn>', 'tell this SNS topic what needs a person');
}
