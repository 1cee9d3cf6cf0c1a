/** What is known of each vault: when it was last listed in full, and when a restore from it was last tested. */
import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { EvidencePlace } from '../domain/evidence.ts';
import type { RestoreProof, RestoreProofs } from '../domain/restore-test-record.ts';
import { TASK_QUEUE } from '../domain/target.ts';
import { custodySweepStatusQuery } from '../workflows/custody-reconcile.messages.ts';
import { restoreTestStatusQuery } from '../workflows/custody-restore-test.messages.ts';
import { noAnswer } from './errors.ts';

export interface VaultProof {
  /** `<account>/<region>/<vault>`. */
  readonly vault: string;
  /** AWS's time; null: not known. */
  readonly lastFullAt: string | null;
  readonly restores: readonly RestoreProof[];
  /** Days count back from here: the last sweep that AWS told its time; null: there has been none. */
  readonly asOf: string | null;
}

/** More vaults and types than one looks at. */
const MOST = 200;

export interface VaultProofs {
  readonly vaults: readonly VaultProof[];
  /** Records that could not be read: where, and why. */
  readonly troubles: readonly string[];
}

export async function readVaultProofs(client: Client): Promise<VaultProofs> {
  const { listed, asOf, places } = await fullListings(client);
  for (const evidence of await placesOfTests(client)) places.set(JSON.stringify(evidence), evidence);
  const read = await readProofs(client, [...places.values()]);
  const restored = Map.groupBy(
    read.flatMap(({ proofs }) => proofs),
    ({ vault: { account, region, vault } }) => `${account}/${region}/${vault}`,
  );
  return {
    vaults: [...new Set([...listed.keys(), ...restored.keys()])].toSorted().map((vault) => ({
      vault,
      lastFullAt: listed.get(vault) ?? null,
      restores: restored.get(vault) ?? [],
      asOf,
    })),
    troubles: read.flatMap(({ evidence: { place }, trouble }) =>
      trouble === null ? [] : [`restore tests in s3://${place.bucket}/${place.prefix} were not read: ${trouble}`],
    ),
  };
}

/** S3 is the worker's to read, by the records of each policy. */
async function readProofs(client: Client, places: readonly EvidencePlace[]): Promise<RestoreProofs[]> {
  if (places.length === 0) return [];
  return await client.workflow.execute<(places: readonly EvidencePlace[]) => Promise<RestoreProofs[]>>(
    'custodyRestoreProofs',
    { workflowId: `custody-restore-proofs/${randomUUID().slice(0, 8)}`, taskQueue: TASK_QUEUE, args: [places] },
  );
}

/** Of tests whose policy nobody sweeps. */
async function placesOfTests(client: Client): Promise<EvidencePlace[]> {
  const places: EvidencePlace[] = [];
  const seen = new Set<string>();
  for await (const { workflowId } of client.workflow.list({ query: 'WorkflowType = "custodyRestoreTest"' })) {
    if (seen.has(workflowId)) continue;
    seen.add(workflowId);
    const status = await answerOf(client.workflow.getHandle(workflowId).query(restoreTestStatusQuery));
    if (status) places.push(status.input.evidence);
    if (seen.size === MOST) break;
  }
  return places;
}

interface Listings {
  readonly listed: Map<string, string>;
  readonly asOf: string | null;
  /** Of evidence, each once. */
  readonly places: Map<string, EvidencePlace>;
}

/** As the sweeps of all policies know them. */
async function fullListings(client: Client): Promise<Listings> {
  const listed = new Map<string, string>();
  const places = new Map<string, EvidencePlace>();
  const seen = new Set<string>();
  let asOf: string | null = null;
  for await (const { workflowId } of client.workflow.list({ query: 'WorkflowType = "custodyReconcile"' })) {
    if (seen.has(workflowId)) continue;
    seen.add(workflowId);
    const sweep = await answerOf(client.workflow.getHandle(workflowId).query(custodySweepStatusQuery));
    if (sweep?.evidence) places.set(JSON.stringify(sweep.evidence), sweep.evidence);
    if (sweep && sweep.beganAt > (asOf ?? '')) asOf = sweep.beganAt;
    for (const [vault, at] of Object.entries(sweep?.listedAt ?? {})) {
      if (at !== null && at > (listed.get(vault) ?? '')) listed.set(vault, at);
    }
    if (seen.size === MOST) break;
  }
  return { listed, asOf, places };
}

/** Null: it gives none at present. */
async function answerOf<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || noAnswer(error) !== null) return null;
    throw error;
  }
}
