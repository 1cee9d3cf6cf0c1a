/** Evidence of custodies in S3, and the index of the points that are settled. */
import { ApplicationFailure } from '@temporalio/activity';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { S3Client } from '@aws-sdk/client-s3';
import { custodyId, type CustodyInput, type CustodyState, type PointFacts, type VaultRef } from '../domain/custody.ts';
import { indexEntry, entryFacts } from '../domain/evidence-entry.ts';
import { evidenceKey, evidencePrefix, vaultDayOf, versionOf } from '../domain/evidence-keys.ts';
import { custodyIndexId, INDEXED, SETTLED, type SettledPoint } from '../domain/evidence-messages.ts';
import {
  hasEvidence,
  policySha256,
  type EvidenceDocument,
  type EvidencePlace,
  type EvidenceRef,
  type IndexEntry,
} from '../domain/evidence.ts';
import { TASK_QUEUE } from '../domain/target.ts';
import { evidenceText, sha256Of, type EvidenceLink } from '../report/evidence.ts';
import { alive } from './alive.ts';
import { gathering } from './gathered.ts';
import {
  addToIndex,
  type FailedDay,
  type SettledAnswer,
  type SettledAsk,
  type SettledPoints,
} from './evidence-index.ts';
import { forAll, keysBelow, putObject, readObject, textOf } from './evidence-store.ts';
import { call } from './failure.ts';
import type { ReportDeps } from './report.ts';
import { calling, type RunsDeps } from './runs.ts';

export interface EvidenceDeps extends ReportDeps, RunsDeps {
  readonly settledPoints: SettledPoints;
}

/** What a custody is asked to write down of itself. */
export interface EvidenceInput {
  readonly input: CustodyInput;
  readonly state: CustodyState;
}

type SeenState = CustodyState & { readonly point: PointFacts };

export const createEvidenceActivities = (deps: EvidenceDeps) =>
  activitiesOf(
    deps,
    gathering<Telling>((id, telling) => tellIndex(deps.client, id, telling)),
  );

type Tell = ReturnType<typeof gathering<Telling>>;

const activitiesOf = ({ s3For, client, settledPoints }: EvidenceDeps, tell: Tell) => ({
  /**
   * Writes the next version of a point's evidence. The same state again is the same version; a version that says
   * something else is never written over. @iam s3:PutObject s3:GetObject s3:ListBucket kms:GenerateDataKey kms:Decrypt
   */
  async writeEvidence({ input, state }: EvidenceInput): Promise<EvidenceRef> {
    return await write(s3For, input, seen(state));
  },

  /**
   * Writes the last version and has the point put into the index, which tells the custody when that is done. All of it
   * may be repeated. @iam s3:PutObject s3:GetObject s3:ListBucket kms:GenerateDataKey kms:Decrypt
   */
  async settlePoint({ input, state }: EvidenceInput): Promise<EvidenceRef | null> {
    const facts = entryFacts(seen(state));
    if (!facts) throw ApplicationFailure.nonRetryable('a custody without an outcome is not settled', 'InvalidInput');
    const evidence = hasEvidence(state) ? await write(s3For, input, seen(state)) : null;
    const entry = indexEntry(facts, evidence, policySha256(input.policy));
    const settled = { holder: custodyId(input.point.arn), evidence: input.policy.evidence, entry };
    const vault = input.point;
    await calling(`signal ${SETTLED}`, () => tell(custodyIndexId(vault), { vault, settled }));
    return evidence;
  },

  /**
   * Adds entries to the index of a vault; what is there already changes nothing. Those of the days that are told back
   * are not written. @iam s3:PutObject s3:GetObject s3:ListBucket kms:GenerateDataKey kms:Decrypt
   */
  async appendIndex(input: {
    readonly evidence: EvidencePlace;
    readonly vault: VaultRef;
    readonly entries: readonly IndexEntry[];
  }): Promise<{ readonly failed: readonly FailedDay[] }> {
    const { evidence, vault, entries } = input;
    return { failed: await alive(() => addToIndex(s3For(evidence.target), evidence, vault, entries)) };
  },

  /** Tells custodies that they are in the index; one that does not run any more needs no telling. */
  async tellIndexed({ holders }: { readonly holders: readonly string[] }): Promise<void> {
    await calling(`signal ${INDEXED}`, () => alive(() => forAll(holders, (id) => signalIndexed(client, id))));
  },

  /** Which of these points are settled. @iam s3:GetObject s3:ListBucket kms:Decrypt */
  async settledPoints(ask: SettledAsk): Promise<SettledAnswer> {
    return await alive(() => settledPoints(ask));
  },
});

/** Evidence is of a point that AWS has shown. */
function seen(state: CustodyState): SeenState {
  const { point } = state;
  if (point) return { ...state, point };
  throw ApplicationFailure.nonRetryable('there is no evidence of a point that nobody has seen', 'InvalidInput');
}

async function write(s3For: EvidenceDeps['s3For'], input: CustodyInput, state: SeenState): Promise<EvidenceRef> {
  const { target, place } = input.policy.evidence;
  const { versions, sha256 } = state.evidence;
  const next = { version: versions + 1, previousSha256: sha256 };
  const resource = `${place.bucket}/${keyOf(input, state, next.version)}`;
  return await call({ target, action: 's3:PutObject', resource }, async () => {
    const s3 = s3For(target);
    const written = (await putVersion(s3, input, state, next)) ?? (await goOn(s3, input, state, next));
    if (written) return written;
    throw ApplicationFailure.nonRetryable(
      `s3://${resource} is not what this custody, or one before it, has written: see who wrote it, and move it away`,
      'SafetyRefused',
    );
  });
}

const keyOf = ({ policy, point }: CustodyInput, state: SeenState, version: number): string =>
  evidenceKey(policy.evidence.place.prefix, vaultDayOf(point, state.point.createdAt), point.arn, version);

/** Null: another document has that version. */
async function putVersion(
  s3: S3Client,
  input: CustodyInput,
  state: SeenState,
  link: EvidenceLink,
): Promise<EvidenceRef | null> {
  const { evidence } = input.policy;
  const key = keyOf(input, state, link.version);
  const body = bodyOf(input, state, link);
  const ref = { key, versions: link.version, sha256: sha256Of(body) };
  if (await putObject(s3, evidence, { key, body, type: 'application/json' }, null)) return ref;
  const present = await readObject(s3, evidence, key);
  if (!present) {
    const message = `s3://${evidence.place.bucket}/${key} is being written by somebody else: it is tried again`;
    throw ApplicationFailure.create({ type: 'Unavailable', message });
  }
  return sha256Of(present.bytes) === ref.sha256 ? ref : null;
}

const bodyOf = (input: CustodyInput, state: SeenState, link: EvidenceLink): string => {
  const { policy, point, begunBy } = input;
  return evidenceText({ workflowId: custodyId(point.arn), policy: policy.name, begunBy }, state, link);
};

/**
 * Adds a version behind the last one where others follow on what this custody knows: an attempt whose reply was lost while
 * the state went on, or a custody of this point before this one. Null: they do not follow.
 */
async function goOn(
  s3: S3Client,
  input: CustodyInput,
  state: SeenState,
  next: EvidenceLink,
): Promise<EvidenceRef | null> {
  const { evidence } = input.policy;
  const read = (version: number) => readObject(s3, evidence, keyOf(input, state, version));
  const follower = await read(next.version);
  if (!follower || previousOf(textOf(follower)) !== next.previousSha256) return null;
  const last = await lastVersion(s3, input, state);
  const present = await read(last);
  if (!present) return null;
  const sha256 = sha256Of(present.bytes);
  const own = bodyOf(input, state, { version: last, previousSha256: previousOf(textOf(present)) ?? null });
  if (sha256Of(own) === sha256) return { key: keyOf(input, state, last), versions: last, sha256 };
  return await putVersion(s3, input, state, { version: last + 1, previousSha256: sha256 });
}

async function lastVersion(s3: S3Client, input: CustodyInput, state: SeenState): Promise<number> {
  const { evidence } = input.policy;
  const folder = evidencePrefix(evidence.place.prefix, vaultDayOf(input.point, state.point.createdAt), input.point.arn);
  let last = 0;
  for await (const key of keysBelow(s3, evidence, folder)) last = Math.max(last, versionOf(key) ?? 0);
  return last;
}

/** Undefined: it is no document. */
function previousOf(text: string): string | null | undefined {
  try {
    return (JSON.parse(text) as EvidenceDocument).previousSha256;
  } catch {
    return undefined;
  }
}

interface Telling {
  readonly vault: VaultRef;
  readonly settled: SettledPoint;
}

async function tellIndex(client: Client, workflowId: string, telling: readonly Telling[]): Promise<void> {
  const [first] = telling;
  if (!first) return;
  const { account, region, vault } = first.vault;
  await client.workflow.signalWithStart('custodyIndex', {
    workflowId,
    taskQueue: TASK_QUEUE,
    args: [{ vault: { account, region, vault }, open: [] }],
    signal: SETTLED,
    signalArgs: [telling.map(({ settled }) => settled)],
    // Its work goes before that of the thousands that wait for it.
    priority: { priorityKey: 1 },
    staticSummary: `writes the settled points of ${vault} into the index`,
  });
}

async function signalIndexed(client: Client, workflowId: string): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId).signal(INDEXED);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
