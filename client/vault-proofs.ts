/** What is known of each vault: when it was last listed in full, and when a restore from it was last tested. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { custodySweepStatusQuery } from '../workflows/custody-reconcile.messages.ts';
import type { RestoreTestResult } from '../workflows/custody-restore-test.messages.ts';
import { noAnswer } from './errors.ts';

export interface VaultProof {
  /** `<account>/<region>/<vault>`. */
  readonly vault: string;
  /** AWS's time; null: not known. */
  readonly lastFullAt: string | null;
  readonly restores: readonly RestoreProof[];
}

export interface RestoreProof {
  readonly type: string;
  readonly outcome: string;
  /** AWS's time. */
  readonly verifiedAt: string;
}

/** More vaults and types than one looks at. */
const MOST = 200;

export async function readVaultProofs(client: Client): Promise<VaultProof[]> {
  const [listed, restored] = await Promise.all([fullListings(client), restores(client)]);
  return [...new Set([...listed.keys(), ...restored.keys()])].toSorted().map((vault) => ({
    vault,
    lastFullAt: listed.get(vault) ?? null,
    restores: restored.get(vault) ?? [],
  }));
}

/** Of each vault and type the last one that proved something. */
async function restores(client: Client): Promise<Map<string, RestoreProof[]>> {
  const query = 'WorkflowType = "custodyRestoreTest" AND HoldfastOutcome IN ("verified", "failed")';
  const proofs = new Map<string, RestoreProof[]>();
  const seen = new Set<string>();
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    if (seen.has(workflowId)) continue;
    seen.add(workflowId);
    const [, account, region, vault, type = ''] = workflowId.split('/');
    const { outcome, verifiedAt } = (await client.workflow.getHandle(workflowId, runId).result()) as RestoreTestResult;
    const name = `${account}/${region}/${vault}`;
    if (verifiedAt !== null) proofs.set(name, [...(proofs.get(name) ?? []), { type, outcome, verifiedAt }]);
    if (seen.size === MOST) break;
  }
  return proofs;
}

/** As the sweeps of all policies know them. */
async function fullListings(client: Client): Promise<Map<string, string>> {
  const listed = new Map<string, string>();
  const seen = new Set<string>();
  for await (const { workflowId } of client.workflow.list({ query: 'WorkflowType = "custodyReconcile"' })) {
    if (seen.has(workflowId)) continue;
    seen.add(workflowId);
    for (const [vault, at] of await listingsOf(client, workflowId))
      if (at > (listed.get(vault) ?? '')) listed.set(vault, at);
    if (seen.size === MOST) break;
  }
  return listed;
}

async function listingsOf(client: Client, workflowId: string): Promise<[string, string][]> {
  try {
    const { listedAt } = await client.workflow.getHandle(workflowId).query(custodySweepStatusQuery);
    return Object.entries(listedAt).flatMap(([vault, at]): [string, string][] => (at === null ? [] : [[vault, at]]));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || noAnswer(error) !== null) return [];
    throw error;
  }
}
