/**
 * The shape of an evidence document, for those who read it with other tools, and for `custody verify-evidence`. Documents are
 * kept for years: what is added later must be optional here, or the schema gets a new number beside this one.
 */
import { z } from 'zod';
import type { CustodyRule, CustodyState, Hop, Leg, Lifecycle, Obstacle, PointFacts } from '../domain/custody.ts';
import { EVIDENCE_SCHEMA, type EvidenceDocument } from '../domain/evidence.ts';
import type { Tag } from '../domain/selection.ts';
import type { SteeringLine } from '../domain/steering.ts';

const text = z.string();
const instant = z.iso.datetime().describe('AWS’s time, UTC');
const count = z.int().min(0);
const orNull = <T extends z.ZodType>(type: T): z.ZodNullable<T> => type.nullable();

const vault = z.object({ account: z.string().regex(/^\d{12}$/), region: text, vault: text });
const point = vault.extend({ arn: text }).meta({ id: 'pointRef' });
const tag: z.ZodType<Tag> = z.object({ key: text, value: text });

const lifecycle: z.ZodType<Lifecycle> = z
  .object({
    moveToColdStorageAfterDays: orNull(count),
    deleteAfterDays: orNull(count).describe('from the creation of the point, for a copy of its source; null: never'),
    optInToArchive: z.boolean(),
  })
  .meta({ id: 'lifecycle' });

const legRule = z
  .object({
    kind: z.literal('copy'),
    name: text,
    destination: z.object({ account: text, region: text, alternateRegion: orNull(text), vault: orNull(text) }),
    lifecycle: orNull(lifecycle),
    route: z.enum(['direct', 'twoHop']),
    deadlineHours: z.number(),
  })
  .meta({ id: 'legRule' });

const rule: z.ZodType<CustodyRule> = z.object({
  name: text,
  match: z.object({
    accounts: z.array(text),
    regions: z.array(text),
    vaults: z.array(text),
    resourceTypes: z.array(text),
    allOf: z.array(tag),
    anyOf: z.array(tag),
    noneOf: z.array(tag),
    createdBy: z.enum(['onDemand', 'plan', 'any']),
    source: z.enum(['original', 'copy', 'any']),
  }),
  legs: z.array(legRule),
  then: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('keep') }),
    z.object({ kind: z.literal('shorten'), days: count }),
    z.object({ kind: z.literal('delete') }),
  ]),
  minRemainingDays: z.number(),
  minSurvivors: count,
});

const facts: z.ZodType<PointFacts> = z
  .object({
    ref: point,
    at: instant,
    status: text,
    statusMessage: orNull(text),
    resourceArn: text,
    resourceType: text,
    createdAt: instant,
    completedAt: orNull(instant),
    lifecycle,
    moveToColdAt: orNull(instant),
    deleteAt: orNull(instant).describe('null: never'),
    storageClass: orNull(text),
    encryptionKeyArn: orNull(text),
    isEncrypted: z.boolean(),
    sizeBytes: orNull(z.number()),
    planId: orNull(text),
    isContinuous: z.boolean(),
    sourceVaultArn: orNull(text),
    isParent: z.boolean(),
    parentArn: orNull(text),
    vaultType: orNull(text),
  })
  .meta({ id: 'pointFacts', description: 'a recovery point as DescribeRecoveryPoint showed it' });

const obstacle: z.ZodType<Obstacle & { readonly since: string }> = z
  .object({
    code: z.enum([
      'unsupported',
      'continuous',
      'cold',
      'noVault',
      'vaultPolicy',
      'organization',
      'crossAccountOff',
      'optedOut',
      'key',
      'lock',
      'expiresTooSoon',
      'accessDenied',
      'quota',
      'copyFailed',
      'verification',
      'sourceGone',
      'legalHold',
      'snapshotLock',
      'unknown',
    ]),
    message: text,
    remedy: text,
    statement: orNull(text),
    since: instant,
  })
  .meta({ id: 'obstacle' });

const hop: z.ZodType<Hop> = z
  .object({
    from: orNull(point),
    to: vault,
    lifecycle: orNull(lifecycle),
    step: z.enum(['check', 'queue', 'start', 'follow', 'verify', 'verified']),
    attempt: count,
    jobId: orNull(text),
    jobState: orNull(text),
    startedAt: orNull(instant),
    adopted: z.boolean().describe('somebody else made the copy job, and it was taken over'),
    earlierJobs: z.array(text).describe('the copy jobs of earlier attempts'),
    failed: z
      .array(
        z.object({
          jobId: orNull(text),
          jobState: orNull(text),
          startedAt: orNull(instant),
          endedAt: orNull(instant),
          message: text,
        }),
      )
      .optional()
      .describe('its copy jobs that failed, with what AWS said of each'),
    endedAt: orNull(instant),
    copyArn: orNull(text),
    verified: orNull(facts).describe('what was read in the destination when it was verified last'),
    verifiedAt: orNull(instant),
  })
  .describe('one copy job');

const leg: z.ZodType<Leg> = z.object({
  rule: legRule,
  deadlineAt: instant,
  hops: z.array(hop),
  blocked: orNull(obstacle),
  retrying: orNull(text),
  overdue: z.boolean(),
  unwantedSince: orNull(instant).describe('since then the rule does not ask for it; null: it does'),
});

const change: z.ZodType<NonNullable<CustodyState['change']>> = z
  .object({
    kind: z.enum(['shorten', 'delete']),
    before: lifecycle,
    after: orNull(lifecycle),
    why: text.describe('the arithmetic, with its numbers'),
    decidedAt: instant,
    gate: z.array(facts).describe('what was read right before the act: the original and every survivor'),
    askedAt: orNull(instant).describe('when AWS was asked for it; null: it was not'),
    doneAt: orNull(instant),
    readBack: orNull(facts).describe('what was read afterwards; null: it is gone'),
  })
  .describe('what was done to the original');

const steering: z.ZodType<SteeringLine> = z
  .object({ at: instant, what: text, by: orNull(text), reason: orNull(text), answer: text })
  .describe('what a person did');

const state: z.ZodType<CustodyState> = z.object({
  phase: z.enum(['opening', 'copying', 'settling', 'closing', 'done']),
  point: orNull(facts),
  tags: z.record(text, text),
  rule: orNull(rule),
  legs: z.array(leg),
  change: orNull(change),
  waiting: orNull(text),
  blocked: orNull(obstacle),
  retrying: orNull(text),
  outcome: orNull(
    z.enum([
      'kept',
      'shortened',
      'deleted',
      'notCovered',
      'belongsToAnother',
      'unsupported',
      'unusable',
      'gone',
      'released',
    ]),
  ),
  reason: orNull(text),
  openedAt: orNull(instant),
  closedAt: orNull(instant),
  evidence: z
    .object({ versions: count, sha256: orNull(text), key: orNull(text) })
    .describe('the version that the custody had written before this one'),
  steering: z.array(steering),
  now: instant,
});

export const evidenceSchema: z.ZodType<EvidenceDocument> = z.object({
  schema: z.literal(EVIDENCE_SCHEMA),
  version: z.int().min(1),
  point,
  workflowId: text,
  policy: text,
  begunBy: z.enum(['event', 'reconciler', 'person']),
  writtenAt: instant,
  state,
  previousSha256: orNull(z.string().regex(/^[0-9a-f]{64}$/)).describe('of the bytes of the version before'),
});

/** The text of `evidence-schema.json`. */
export function evidenceSchemaText(): string {
  const { $schema, ...rest } = z.toJSONSchema(evidenceSchema, { reused: 'inline' });
  const described = {
    $id: EVIDENCE_SCHEMA,
    title: 'Evidence of a recovery point’s custody',
    description: 'What Holdfast did with one recovery point of AWS Backup, and what it had read when it did.',
  };
  return `${JSON.stringify({ $schema, ...described, ...rest }, null, 2)}\n`;
}
