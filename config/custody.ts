/** `policies.custody:` – what happens to recovery points after AWS Backup completed them. */
import { z } from 'zod';
import { CUSTODY_DEFAULTS } from '../domain/custody.ts';
import { region } from './accounts.ts';
import { duration, list, mapping, name, number, oneOf, tagChoices, tags, text, trueOrFalse } from './fields.ts';
import { operatorTopicArn, report, where } from './policy-fields.ts';
import { restoreTests } from './restore-tests.ts';

const { limits: LIMITS } = CUSTODY_DEFAULTS;
const texts = (what: string) => list(`a list of ${what}s`, text(`the ${what}`)).optional();

/** As AWS Backup spells them. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RecoveryPointByBackupVault.html */
const RESOURCE_TYPES = [
  'Aurora',
  'CloudFormation',
  'DocumentDB',
  'DynamoDB',
  'EBS',
  'EC2',
  'EFS',
  'EKS',
  'FSx',
  'Neptune',
  'RDS',
  'Redshift',
  'Redshift Serverless',
  'S3',
  'SAP HANA on Amazon EC2',
  'Storage Gateway',
  'Timestream',
  'VirtualMachine',
] as const;

const source = mapping({
  account: where.account,
  regions: list('a list of Regions, such as [eu-central-1]', region())
    .optional()
    .describe('Some of the Regions of that account. Default: all of them.'),
});

const match = mapping({
  accounts: texts('name or id of an account').describe('Of these accounts.'),
  regions: texts('name of a Region').describe('In these Regions.'),
  vaults: texts('name of a vault').describe('In vaults of these names.'),
  resourceTypes: list('a list of resource types', oneOf(RESOURCE_TYPES))
    .optional()
    .describe('Of these types, as AWS Backup calls them: EBS, RDS, DynamoDB, …'),
  tags: tags().optional().describe('Recovery points that carry all of these tags.'),
  anyTags: tagChoices()
    .optional()
    .describe('Recovery points that carry one of these tags; a key may have several values.'),
  notTags: tagChoices().optional().describe('Not recovery points that carry one of these tags.'),
  createdBy: oneOf(['onDemand', 'plan', 'any'])
    .optional()
    .describe('Made by a backup plan, or on demand. Default: onDemand.'),
  source: oneOf(['original', 'copy', 'any'])
    .optional()
    .describe('Originals, or copies that Holdfast did not make. Default: original.'),
});

const DAYS = 'a whole number of days';

const lifecycle = mapping({
  deleteAfterDays: z
    .union([z.number(), z.literal('never')], { error: `${DAYS}, or never` })
    .describe('The copy is deleted so many days after the creation of its source, or never.'),
  moveToColdStorageAfterDays: number(DAYS)
    .optional()
    .describe('It goes to cold storage so many days after the creation of its source. Default: never.'),
  optInToArchive: trueOrFalse().optional().describe('Cold storage for EBS too. Default: false.'),
});

const leg = mapping({
  name: name().optional().describe('What it is called. Default: <account>-<region>.'),
  ...where,
  alternateRegion: region().optional().describe('Instead, where the recovery point lies in that Region already.'),
  vault: text('the name of a vault').optional().describe('The vault there. Default: of the same name as the source’s.'),
  lifecycle: lifecycle.optional().describe('How long the copy is kept. Default: as the source.'),
  route: oneOf(['direct', 'twoHop'])
    .optional()
    .describe('twoHop: first into that account in the Region of the source, then from there. Default: direct.'),
  deadline: duration().optional().describe(`It is overdue after so long. Default: ${CUSTODY_DEFAULTS.deadlineHours}h.`),
});

const THEN = 'keep, shorten, delete, or how it is shortened, such as { shortenTo: 7d }';

const rule = mapping({
  name: name().describe('What it is called.'),
  match: match.optional().describe('The recovery points that it is for. Default: all that were made on demand.'),
  legs: list('a list of copies', leg).optional().describe('The copies that are made. Default: none.'),
  then: z
    .union(
      [
        z.enum(['keep', 'shorten', 'delete']),
        z.strictObject({
          shortenTo: duration().describe('Days that remain of it, so that the next incremental backup has its parent.'),
        }),
      ],
      { error: THEN },
    )
    .optional()
    .describe(
      `What becomes of the original when all copies are verified; shorten: ${CUSTODY_DEFAULTS.shortenDays} days remain of it. Default: keep.`,
    ),
  minRemaining: duration()
    .optional()
    .describe(
      `A copy counts only when it is kept for so long from then. Default: ${CUSTODY_DEFAULTS.minRemainingDays}d.`,
    ),
  minSurvivors: number('a whole number of copies')
    .optional()
    .describe(`delete needs so many verified copies. Default: ${CUSTODY_DEFAULTS.minSurvivors}, the least.`),
});

export const custody = mapping({
  sources: list('a list of sources, such as [{ account: production }]', source)
    .min(1, { error: 'a list of sources, at least one, such as [{ account: production }]' })
    .optional()
    .describe('Whose recovery points it looks after. Default: all accounts and Regions to which it copies nothing.'),
  evidence: mapping({ ...where, ...report.shape }).describe('Where the evidence goes.'),
  backupRole: text('the name of a role, with its path')
    .optional()
    .describe(`The role that AWS Backup takes, in each account. Default: ${CUSTODY_DEFAULTS.backupRole}.`),
  operatorTopicArn,
  copiesAtOnce: mapping({
    perRegion: number('a whole number of copies')
      .optional()
      .describe(`Out of an account’s Region to one Region. Default: ${LIMITS.perRegion}, AWS’s quota.`),
    perVault: number('a whole number of copies')
      .optional()
      .describe(`Beyond them, to one vault. Default: ${LIMITS.perVault}, AWS’s quota.`),
  })
    .optional()
    .describe('So many copies at once.'),
  fullListing: duration()
    .optional()
    .describe(
      `Every vault is listed as a whole at least so often. Default: ${CUSTODY_DEFAULTS.fullListingDays}d, the longest.`,
    ),
  rules: list('a list of rules', rule)
    .min(1, { error: 'a list of rules, at least one' })
    .describe('In order: for a recovery point the first that matches holds.'),
  restoreTests,
}).describe('Copies of recovery points to other accounts and Regions, and what becomes of the originals then.');

export type GivenCustody = z.infer<typeof custody>;
export type GivenRule = z.infer<typeof rule>;
export type GivenLeg = z.infer<typeof leg>;
