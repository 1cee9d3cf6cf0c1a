/** The flags of a restore of many WorkSpaces, and its parameters from them. */
import { Option, type Command } from 'commander';
import { parseFleetRestoreInput, type FleetRestoreInput } from '../domain/fleet-restore.ts';
import { NO_SELECTION, type Tag } from '../domain/selection.ts';
import { parseMinutes } from './duration.ts';
import { CommandError } from './exit.ts';
import { commas, parseTag, repeated } from './list-flag.ts';
import { idsOfReport } from './report-ids.ts';

export interface FleetRestoreFlags {
  readonly account?: string;
  readonly region?: string;
  readonly name?: string;
  readonly tag?: readonly Tag[];
  readonly notTag?: readonly Tag[];
  readonly fromReport?: readonly string[];
  readonly strategy?: string;
  readonly image?: string;
  readonly notAfter?: string;
  readonly loseUserVolume?: boolean;
  readonly lastImage?: boolean;
  readonly confirmCount?: string;
  readonly maxResources: string;
  readonly maxConcurrent: string;
  readonly canary?: string;
  readonly waves?: readonly string[];
  readonly soak: number;
  readonly maxFailures?: string;
  readonly requireApproval?: boolean;
  readonly approvalExpires: number;
  readonly operatorTopic?: string;
  readonly nobodyToTell?: boolean;
  readonly reportBucket?: string;
  readonly reportPrefix: string;
  readonly reportKmsKey?: string;
}

const STRATEGIES = ['image', 'recreate', 'snapshot', 'rebuild'];

export function addFleetRestoreFlags(command: Command): Command {
  command
    .optionsGroup('Which WorkSpaces:')
    .option('--account <id>', 'their AWS account')
    .option('--region <name>', 'their Region')
    .option('--name <name>', 'what the run is called: letters, digits, hyphens')
    .option('--tag <Key=Value>', 'those that carry this tag; repeated: all of them', repeated(parseTag))
    .option('--not-tag <Key=Value>', 'not those that carry this tag; repeatable', repeated(parseTag))
    .option('--from-report <file>', 'those that an upgrade changed, by its report in CSV or JSON', idsOfReport)
    .optionsGroup('How:')
    .addOption(new Option('--strategy <name>', 'see `holdfast restore plan` for what each keeps').choices(STRATEGIES))
    .option('--image <id>', 'the image, for image and recreate: wsi-…')
    .option(
      '--not-after <time>',
      'refuse snapshots later than this, such as 2026-03-02T08:00:00Z; needed for image, snapshot and rebuild',
    )
    .option('--last-image', 'make an image of each as it is first');
  return addWaves(command);
}

function addWaves(command: Command): Command {
  return command
    .optionsGroup('Waves and limits:')
    .option('--canary <size>', 'a first wave, a number or a share such as 1 or 10%, spread over directories')
    .option('--waves <sizes>', 'waves after the canary, such as 10%,30%; the last takes the rest', commas)
    .addOption(
      new Option('--soak <duration>', 'leave a wave alone so long before the next')
        .argParser(parseMinutes)
        .default(0, '0'),
    )
    .option(
      '--max-failures <size>',
      'hold when more than so many, or more than this share, were not restored: 3 or 10%',
    )
    .option('--max-concurrent <n>', 'restore so many at once', '5')
    .option('--max-resources <n>', 'refuse to restore more', '100')
    .optionsGroup('Before anything is destroyed:')
    .option('--confirm-count <n>', 'how many WorkSpaces it is for; another number is refused')
    .option('--lose-user-volume', 'for recreate: the user volumes may be destroyed')
    .option('--require-approval', 'wait for `holdfast restore fleet approve <n>`')
    .addOption(
      new Option('--approval-expires <duration>', 'refuse after so long').argParser(parseMinutes).default(1_440, '1d'),
    )
    .optionsGroup('Operators and report:')
    .option('--operator-topic <arn>', 'tell this SNS topic what needs a person')
    .option('--nobody-to-tell', 'for recreate without a topic: nobody is told when a user is left without a desktop')
    .option('--report-bucket <name>', 'the S3 bucket for the reports, in the same account and Region')
    .option('--report-prefix <prefix>', 'the folder in it', 'workspaces-restores/')
    .option('--report-kms-key <arn>', 'encrypt the reports with this KMS key')
    .optionsGroup('Options:');
}

const number = (value: string | undefined): number | string | null =>
  value === undefined ? null : /^\d+$/.test(value) ? Number(value) : value;

const FLAG_OF: Readonly<Record<string, string>> = {
  'target.account': '--account',
  'target.region': '--region',
  name: '--name',
  'selection.allOf': '--tag',
  'selection.noneOf': '--not-tag',
  'selection.workspaceIds': '--from-report',
  strategy: '--strategy',
  imageId: '--image',
  notAfter: '--not-after',
  loseUserVolume: '--lose-user-volume',
  lastImage: '--last-image',
  confirmCount: '--confirm-count',
  maxResources: '--max-resources',
  maxConcurrent: '--max-concurrent',
  canarySize: '--canary',
  waveSizes: '--waves',
  soakMinutes: '--soak',
  maxFailures: '--max-failures',
  operatorTopicArn: '--operator-topic',
  nobodyToTell: '--nobody-to-tell',
  'report.bucket': '--report-bucket',
  'report.prefix': '--report-prefix',
  'report.kmsKeyArn': '--report-kms-key',
};

/** The parameters; what is wrong with them ends the command, all at once and before anything is done. */
export function fleetRestoreInput(flags: FleetRestoreFlags): FleetRestoreInput {
  const { tag = [], notTag = [], fromReport = [] } = flags;
  const parsed = parseFleetRestoreInput(
    {
      target: { account: flags.account, region: flags.region },
      name: flags.name,
      selection: { ...NO_SELECTION, allOf: tag, noneOf: notTag, workspaceIds: fromReport },
      strategy: flags.strategy,
      imageId: flags.image ?? null,
      notAfter: flags.notAfter ?? null,
      loseUserVolume: flags.loseUserVolume ?? false,
      lastImage: flags.lastImage ?? false,
      confirmCount: number(flags.confirmCount),
      maxResources: number(flags.maxResources),
      maxConcurrent: number(flags.maxConcurrent),
      canarySize: flags.canary ?? null,
      waveSizes: flags.waves ?? [],
      soakMinutes: flags.soak,
      maxFailures: flags.maxFailures ?? null,
      approval: { required: flags.requireApproval ?? false, expiresMinutes: flags.approvalExpires },
      operatorTopicArn: flags.operatorTopic ?? null,
      nobodyToTell: flags.nobodyToTell ?? false,
      report: { bucket: flags.reportBucket, prefix: flags.reportPrefix, kmsKeyArn: flags.reportKmsKey ?? null },
    },
    (field) => FLAG_OF[field] ?? field,
  );
  const both = fromReport.length > 0 && tag.length + notTag.length > 0;
  const problems = [...(parsed.ok ? [] : parsed.problems), ...(both ? ['give tags or --from-report, not both'] : [])];
  if (parsed.ok && problems.length === 0) return parsed.input;
  throw new CommandError('usage', problems.join('\n'));
}
