/** The flags of a restore, and its parameters from them. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { STRATEGIES, type ImageRestoreInput, type Strategy } from '../domain/image-restore.ts';
import { parseRestoreInput } from '../domain/restore-input.ts';
import { parseMinutes } from './duration.ts';
import { CommandError } from './exit.ts';

export interface RestorePlanFlags {
  readonly account?: string;
  readonly region?: string;
  readonly workspace?: string;
  readonly image?: string;
  readonly notAfter?: string;
  readonly otherUser?: string;
  readonly operatorTopic?: string;
  readonly nobodyToTell?: boolean;
  readonly reportBucket?: string;
  readonly reportPrefix: string;
  readonly reportKmsKey?: string;
}

export interface RestoreStartFlags extends RestorePlanFlags {
  readonly strategy?: Strategy;
  readonly snapshot?: string;
  readonly confirm?: string;
  readonly loseUserVolume?: boolean;
  readonly canaryUser?: string;
  readonly lastImage?: boolean;
  readonly requireApproval?: boolean;
  readonly approvalExpires: number;
}

const A_DAY = 1_440;

export function addRestorePlanFlags(command: Command): Command {
  return command
    .optionsGroup('What is restored:')
    .option('--account <id>', 'the AWS account of the WorkSpace')
    .option('--region <name>', 'its Region')
    .option('--workspace <id>', 'the WorkSpace: ws-…')
    .option('--image <id>', 'the image to restore from, for image, recreate and copy: wsi-…')
    .option(
      '--not-after <time>',
      'refuse a snapshot later than this, such as 2026-03-02T08:00:00Z: it holds the damage',
      instant,
    )
    .option('--other-user <name>', 'for copy: whose the second WorkSpace is')
    .optionsGroup('Operators and report:')
    .option('--operator-topic <arn>', 'tell this SNS topic what needs a person, and how it ended')
    .option('--nobody-to-tell', 'for recreate without a topic: nobody is told when its user is left without a desktop')
    .option('--report-bucket <name>', 'the S3 bucket for the report, in the same account and Region')
    .option('--report-prefix <prefix>', 'the folder in it', 'workspaces-restores/')
    .option('--report-kms-key <arn>', 'encrypt the report with this KMS key')
    .optionsGroup('Options:');
}

export function addRestoreStartFlags(command: Command): Command {
  return addRestorePlanFlags(command)
    .optionsGroup('How:')
    .addOption(new Option('--strategy <name>', 'see `holdfast restore plan` for what each keeps').choices(STRATEGIES))
    .option('--snapshot <time>', 'the snapshot’s time as you saw it; without: as the plan shows it', instant)
    .option(
      '--canary-user <name>',
      'a WorkSpace of the image for this user must come up before anything is destroyed: the surest check',
    )
    .option('--last-image', 'make an image of the WorkSpace as it is first')
    .optionsGroup('Before anything is destroyed:')
    .option('--confirm <id>', 'the WorkSpace’s id, typed again; without: it is asked for')
    .option('--lose-user-volume', 'for recreate: the user volume, with all that its user kept there, may be destroyed')
    .option('--require-approval', 'wait for `holdfast restore approve`, once all is prepared')
    .addOption(
      new Option('--approval-expires <duration>', 'refuse after so long').argParser(parseMinutes).default(A_DAY, '1d'),
    )
    .optionsGroup('Options:');
}

/** For commander: an instant, with its time zone. */
function instant(value: string): string {
  const parsed = Date.parse(value);
  if (!/[zZ]$|[+-]\d\d:?\d\d$/.test(value) || Number.isNaN(parsed)) {
    throw new InvalidArgumentError('give an instant with its time zone, such as 2026-03-02T08:00:00Z');
  }
  return new Date(parsed).toISOString();
}

const FLAG_OF: Readonly<Record<string, string>> = {
  'target.account': '--account',
  'target.region': '--region',
  workspaceId: '--workspace',
  strategy: '--strategy',
  imageId: '--image',
  snapshotTime: '--snapshot',
  notAfter: '--not-after',
  confirm: '--confirm',
  otherUser: '--other-user',
  canary: '--canary-user',
  lastImage: '--last-image',
  loseUserVolume: '--lose-user-volume',
  'approval.required': '--require-approval',
  'approval.expiresMinutes': '--approval-expires',
  operatorTopicArn: '--operator-topic',
  nobodyToTell: '--nobody-to-tell',
  'report.bucket': '--report-bucket',
  'report.prefix': '--report-prefix',
  'report.kmsKeyArn': '--report-kms-key',
};

/** The parameters; what is wrong with them ends the command, all at once and before anything is done. */
export function restoreInput(flags: RestoreStartFlags): ImageRestoreInput {
  const otherUser = flags.canaryUser ?? flags.otherUser ?? null;
  const parsed = parseRestoreInput(
    {
      target: { account: flags.account, region: flags.region },
      workspaceId: flags.workspace,
      strategy: flags.strategy,
      imageId: flags.image ?? null,
      snapshotTime: flags.snapshot ?? null,
      notAfter: flags.notAfter ?? null,
      loseUserVolume: flags.loseUserVolume ?? false,
      confirm: flags.confirm ?? null,
      otherUser,
      canary: flags.canaryUser !== undefined,
      lastImage: flags.lastImage ?? false,
      approval: { required: flags.requireApproval ?? false, expiresMinutes: flags.approvalExpires },
      operatorTopicArn: flags.operatorTopic ?? null,
      nobodyToTell: flags.nobodyToTell ?? false,
      report: {
        bucket: flags.reportBucket,
        prefix: flags.reportPrefix,
        kmsKeyArn: flags.reportKmsKey ?? null,
      },
    },
    (field) => FLAG_OF[field] ?? field,
  );
  if (parsed.ok) return parsed.input;
  throw new CommandError('usage', parsed.problems.join('\n'));
}

/** A plan is of all strategies; whichever stands here decides only what may be left out. */
export function restorePlanInput(flags: RestorePlanFlags): ImageRestoreInput {
  const strategy = flags.image === undefined ? 'snapshot' : flags.otherUser === undefined ? 'image' : 'copy';
  const { notAfter, ...others } = flags;
  const input = restoreInput({ ...others, strategy, approvalExpires: A_DAY });
  return notAfter === undefined || strategy === 'copy' ? input : { ...input, notAfter };
}
