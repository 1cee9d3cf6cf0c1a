/** What is known of each vault: when it was last listed in full, and when a restore from it was last tested. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { custodySweepStatusQuery, type CustodySweepStatus } from '../workflows/custody-reconcile.messages.ts';
import type { RestoreTestResult } from '../workflows/custody-restore-test.messages.ts';
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

export interface RestoreProof {
  readonly type: string;
  readonly outcome: string;
  /** AWS's time. */
  readonly verifiedAt: string;
  readonly secondsToRestore: number | null;
}

/** More vaults and types than one looks at. */
const MOST = 200;

export async function readVaultProofs(client: Client): Promise<VaultProof[]> {
  const [{ listed, asOf }, restored] = await Promise.all([fullListings(client), restores(client)]);
  return [...new Set([...listed.keys(), ...restored.keys()])].toSorted().map((vault) => ({
    vault,
    lastFullAt: listed.get(vault) ?? null,
    restores: restored.get(vault) ?? [],
    asOf,
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
    const result = (await client.workflow.getHandle(workflowId, runId).result()) as RestoreTestResult;
    const { outcome, verifiedAt, secondsToRestore } = result;
    const name = `${account}/${region}/${vault}`;
    const proof = { type, outcome, verifiedAt: verifiedAt ?? '', secondsToRestore };
    proofs.set(name, [...(proofs.get(name) ?? []), proof]);
    if (seen.size === MOST) break;
  }
  return proofs;
}

interface Listings {
  readonly listed: Map<string, string>;
  readonly asOf: string | null;
}

/** As the sweeps of all policies know them. */
async function fullListings(client: Client): Promise<Listings> {
  const listed = new Map<string, string>();
  const seen = new Set<string>();
  let asOf: string | null = null;
  for await (const { workflowId } of client.workflow.list({ query: 'WorkflowType = "custodyReconcile"' })) {
    if (seen.has(workflowId)) continue;
    seen.add(workflowId);
    const sweep = await sweepOf(client, workflowId);
    if (sweep && sweep.beganAt > (asOf ?? '')) asOf = sweep.beganAt;
    for (const [vault, at] of Object.entries(sweep?.listedAt ?? {})) {
      if (at !== null && at > (listed.get(vault) ?? '')) listed.set(vault, at);
    }
    if (seen.size === MOST) break;
  }
  return { listed, asOf };
}

/** Null: it gives no answer at present. */
async function sweepOf(client: Client, workflowId: string): Promise<CustodySweepStatus | null> {
  try {
    return await client.workflow.getHandle(workflowId).query(custodySweepStatusQuery);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || noAnswer(error) !== null) return null;
    throw error;
  }
}
