/** The flags of an upgrade, in groups as its help shows them. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { DEFAULTS, type ImageUpgradeInput } from '../domain/image-upgrade.ts';
import type { Tag } from '../domain/selection.ts';
import { FAILURE_KINDS } from '../domain/waves.ts';
import type { WindowRule } from '../domain/windows.ts';
import { CONFIG_FILE } from './config-flag.ts';
import { parseDuration, parseMinutes } from './duration.ts';
import { commas, durations, idsInFile, parseTag, repeated } from './list-flag.ts';
import { parseWindow } from './window-flag.ts';

/** What commander makes of the flags; numbers that are none stay text, for one judge of all values. */
export interface UpgradeFlags {
  /** In the file `config`. */
  readonly policy?: string;
  readonly config: string;
  readonly account?: string;
  readonly region?: string;
  readonly bundle?: string;
  readonly image?: string;
  readonly tag?: readonly Tag[];
  readonly anyTag?: readonly Tag[];
  readonly notTag?: readonly Tag[];
  readonly idsFile?: readonly string[];
  readonly directory?: readonly string[];
  readonly all?: boolean;
  readonly otherBundle: ImageUpgradeInput['otherBundle'];
  readonly maxResources?: number | string;
  readonly maxResourcesPercent?: number | string;
  readonly canary?: string;
  readonly canaryTag?: Tag;
  readonly canaryFile?: readonly string[];
  readonly waves?: readonly string[];
  readonly soak: number;
  readonly maxFailures?: string;
  readonly failureKinds: readonly string[];
  readonly keepBundle?: boolean;
  readonly window?: readonly WindowRule[];
  readonly windowPassed: ImageUpgradeInput['windowPassed'];
  readonly notifySeconds: readonly number[];
  readonly warningText: string;
  readonly warningReason?: string;
  readonly warningContact?: string;
  readonly warningTopic?: string;
  readonly requireDelivery?: boolean;
  readonly connected: ImageUpgradeInput['connectedUsers']['policy'];
  readonly connectedWait: number;
  readonly connectedThen: ImageUpgradeInput['connectedUsers']['afterWait'];
  readonly maintenance?: boolean;
  readonly requireApproval?: boolean;
  readonly approvalExpires: number;
  readonly operatorTopic?: string;
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

const number = (value: string): number | string => (/^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value);

function seconds(value: string): number {
  const parsed = parseDuration(value);
  if (parsed === null) throw new InvalidArgumentError('give seconds, or a duration such as 90m, 4h or 1d');
  return parsed;
}

/** A default that is a number of minutes, as a person would give it. */
const minutesOption = (flags: string, description: string, byDefault: number, shown: string): Option =>
  new Option(flags, description).argParser(parseMinutes).default(byDefault, shown);

export function addUpgradeFlags(command: Command): Command {
  for (const add of [addWhat, addSelection, addWaves, addWindows, addUsers, addPeople, addRebuilds, addReport]) {
    add(command);
  }
  return command.optionsGroup('Options:');
}

function addWhat(command: Command): void {
  command
    .optionsGroup('What is upgraded:')
    .option('--policy <name>', 'take the parameters of this policy of the file; flags beside it override them')
    .option('--config <file>', 'the file, for --policy', CONFIG_FILE)
    .option('--account <id>', 'the AWS account of the WorkSpaces')
    .option('--region <name>', 'their Region')
    .option('--bundle <id>', 'the custom bundle that gets the new image: wsb-…')
    .option('--image <id>', 'the new image: wsi-…')
    .option('--pools-too', 'go on although WorkSpaces Pools use the bundle');
}

function addSelection(command: Command): void {
  command
    .optionsGroup('Which WorkSpaces of the bundle (each kind that is given must fit; one, or --all, is needed):')
    .option('--tag <Key=Value>', 'those that carry this tag; repeated: all of them', repeated(parseTag))
    .option('--any-tag <Key=Value>', 'those that carry one of these tags; repeatable', repeated(parseTag))
    .option('--not-tag <Key=Value>', 'not those that carry this tag; repeatable', repeated(parseTag))
    .option('--ids-file <file>', 'those in this file: an id a line, or a CSV report', idsInFile)
    .option('--directory <id>', 'those of this directory: d-…; repeatable', repeated(String))
    .option('--all', 'all of the bundle; --not-tag may go with it')
    .addOption(
      new Option('--other-bundle <what>', 'selected WorkSpaces on another bundle: only list, or migrate them')
        .choices(['list', 'migrate'])
        .default(DEFAULTS.otherBundle),
    )
    .option('--max-resources <n>', 'refuse a plan that is for more WorkSpaces', number)
    .option('--max-resources-percent <n>', 'refuse a plan that is for more of the bundle’s WorkSpaces', number);
}

function addWaves(command: Command): void {
  command
    .optionsGroup('Waves and limits:')
    .option('--canary <size>', 'a first wave, a number or a share such as 5 or 10%, spread over directories')
    .option('--canary-tag <Key=Value>', 'the canary is chosen among those with this tag', parseTag)
    .option('--canary-file <file>', 'the canary is in this file; without --canary: all of it', idsInFile)
    .option('--waves <sizes>', 'waves after the canary, such as 10%,30%; the last takes the rest', commas)
    .addOption(minutesOption('--soak <duration>', 'leave a wave alone so long before the next', 0, '0'))
    .option('--max-failures <size>', 'hold when more than so many, or more than this share, have failed: 3 or 10%')
    .addOption(
      new Option('--failure-kinds <kinds>', `what counts as failed, of ${FAILURE_KINDS.join(', ')}`)
        .argParser(commas)
        .default(DEFAULTS.waves.failureKinds, DEFAULTS.waves.failureKinds.join(',')),
    )
    .option('--keep-bundle', 'the bundle keeps the new image when the run holds');
}

function addWindows(command: Command): void {
  command
    .optionsGroup('Windows:')
    .option(
      '--window <rule>',
      'rebuild only then: "Mon-Fri 22:00-05:00 Europe/Berlin", "directory d-…: …" or "tag Env=Prod: …"; repeatable, ' +
        'the first that fits counts',
      repeated(parseWindow),
    )
    .addOption(
      new Option('--window-passed <what>', 'a WorkSpace whose window passes waits for the next, or is left out')
        .choices(['wait', 'skip'])
        .default(DEFAULTS.windowPassed),
    );
}

function addUsers(command: Command): void {
  const { warnings, connectedUsers } = DEFAULTS;
  command
    .optionsGroup('Users:')
    .addOption(
      new Option('--notify-seconds <list>', 'warn so long before the rebuild: 600, or several: 30m,5m; 0: no warning')
        .argParser(durations)
        .default(warnings.leadSeconds, '0'),
    )
    .option('--warning-text <text>', 'what users read; {time}, {reason} and {contact} are filled in', warnings.text)
    .option('--warning-reason <text>', 'for {reason}')
    .option('--warning-contact <text>', 'for {contact}')
    .option('--warning-topic <arn>', 'send each warning to this SNS topic too')
    .option('--require-delivery', 'leave out whom the first warning did not reach')
    .addOption(
      new Option('--connected <what>', 'a WorkSpace whose user is connected at its turn')
        .choices(['proceed', 'wait', 'skip'])
        .default(connectedUsers.policy),
    )
    .addOption(minutesOption('--connected-wait <duration>', 'wait at most so long', connectedUsers.waitMinutes, '4h'))
    .addOption(
      new Option('--connected-then <what>', 'and then').choices(['proceed', 'skip']).default(connectedUsers.afterWait),
    )
    .option(
      '--maintenance',
      'nobody can sign in, from when their WorkSpace’s turn is near, until its rebuild (ADMIN_MAINTENANCE)',
    );
}

function addPeople(command: Command): void {
  command
    .optionsGroup('Operators:')
    .option('--require-approval', 'wait for `holdfast upgrade approve` with the hash of the plan')
    .addOption(
      minutesOption('--approval-expires <duration>', 'refuse after so long', DEFAULTS.approval.expiresMinutes, '1d'),
    )
    .option('--operator-topic <arn>', 'tell this SNS topic what needs a person');
}

function addRebuilds(command: Command): void {
  command
    .optionsGroup('Rebuilds:')
    .option('--max-concurrent <n>', 'rebuild so many at once', number, DEFAULTS.maxConcurrent)
    .option('--wait-timeout-minutes <n>', 'wait so long for a snapshot', number, DEFAULTS.waitTimeoutMinutes)
    .option(
      '--quiet-margin-hours <n>',
      'a snapshot so much later than the user’s last connection is new enough; 0: always wait for the next',
      number,
      DEFAULTS.quietMarginHours,
    )
    .option('--max-data-loss <duration>', 'wait for another snapshot rather than lose more of a user’s work', seconds)
    .option(
      '--poll-seconds <n>',
      'the smallest distance between two looks at a WorkSpace',
      number,
      DEFAULTS.pollSeconds,
    );
}

function addReport(command: Command): void {
  command
    .optionsGroup('Report, and afterwards:')
    .option('--report-bucket <name>', 'the S3 bucket for the reports, in the same account and Region')
    .option('--report-prefix <prefix>', 'the folder in it', DEFAULTS.reportPrefix)
    .option('--report-kms-key <arn>', 'encrypt the reports with this KMS key')
    .option('--delete-schedule <id>', 'delete this Temporal schedule when the run has ended')
    .option('--delete-stack <name>', 'delete this CloudFormation stack when the run has ended');
}
