/** The same workflow with the same parameters on a copy of the fleet, at speed: in the sandbox, with a Temporal server of its own. */
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { seedCopyOf, seedNamedKey, type DescribedWorkspace, type FleetDescription } from '../sandbox/fleet-copy.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { seedBucket } from '../sandbox/services/s3.ts';
import { seedTopic } from '../sandbox/services/sns.ts';
import {
  abortUpdate,
  statusQuery,
  type ImageUpgradeResult,
  type ImageUpgradeStatus,
} from '../workflows/image-upgrade.messages.ts';
import { embed, type Embedded } from './commands/dev-embedded.ts';
import { STATE_FOLDER } from './dev-state.ts';
import { onInterrupt } from './interrupt.ts';
import { followUpgrade } from './live.ts';
import type { Faults } from './rehearsal-faults.ts';
import type { RealFleet } from './rehearsal-fleet.ts';
import { outcomeOf, type RehearsalOutcome } from './rehearsal-outcome.ts';
import { plural } from './text.ts';
import { beginUpgrade } from './upgrade-begin.ts';

export interface Rehearsal {
  readonly input: ImageUpgradeInput;
  readonly fleet: RealFleet;
  readonly faults: Faults;
  /** Virtual seconds in a real one. */
  readonly speed: number;
  readonly seed: number;
}

export async function rehearse(rehearsal: Rehearsal): Promise<RehearsalOutcome> {
  const { input, fleet, faults, speed, seed } = rehearsal;
  const embedded = await embed({
    target: input.target,
    speed,
    seed,
    startTime: fleet.plan.asOf,
    fill: (sandbox) => {
      seedCopyOf(sandbox.world, describe(input, fleet));
      seedSurroundings(sandbox, input);
      addFaults(sandbox, faults);
    },
    ui: false,
    logs: {
      temporal: join(STATE_FOLDER, 'rehearsal-temporal.log'),
      worker: join(STATE_FOLDER, 'rehearsal-worker.log'),
    },
  });
  const forget = onInterrupt(() => embedded.close());
  try {
    return await Promise.race([run(embedded, rehearsal), embedded.broken]);
  } finally {
    forget();
    await embedded.close();
  }
}

/** Of what a worker read. Whoever AWS says nothing certain of is taken as it says least. */
function describe({ target }: ImageUpgradeInput, { plan, workspaces, bundles, images }: RealFleet): FleetDescription {
  const { account } = target;
  return {
    ...target,
    now: plan.asOf,
    workspaces: workspaces.map(({ state, operatingSystem, ...known }) => ({
      ...known,
      state: state as DescribedWorkspace['state'],
      // AWS stops no other ones by itself.
      runningMode: state === 'STOPPED' ? 'AUTO_STOP' : 'ALWAYS_ON',
      ...(operatingSystem === null ? {} : { operatingSystem }),
    })),
    bundles: bundles.map(({ bundleId, name, imageId, ownerAccount }) => {
      return { bundleId, name, imageId, ownerAccount: ownerAccount ?? account };
    }),
    images: images.map(({ state, operatingSystem, ...known }) => ({
      ...known,
      ownerAccount: account,
      state: state as FleetDescription['images'][number]['state'],
      operatingSystem: operatingSystem === 'LINUX' ? 'LINUX' : 'WINDOWS',
    })),
  };
}

function seedSurroundings({ world }: Sandbox, { target, report, warnings, operatorTopicArn }: ImageUpgradeInput): void {
  seedBucket(world, { name: report.bucket, ...target });
  if (report.kmsKeyArn !== null) seedNamedKey({ world, ...target }, report.kmsKeyArn);
  for (const arn of new Set([warnings.topicArn, operatorTopicArn])) {
    if (arn !== null) seedTopic(world, { ...target, name: arn.split(':').at(-1) ?? '', subscriptions: 1 });
  }
}

function addFaults({ faults: rules }: Sandbox, { throttle, lost, fail, stuck }: Faults): void {
  const service = 'workspaces';
  if (throttle) rules.add({ kind: 'throttle', service, probability: throttle / 100 });
  if (lost) rules.add({ kind: 'resetAfter', service, probability: lost / 100 });
  for (const operation of ['RebuildWorkspaces', 'MigrateWorkspace']) {
    if (fail) rules.add({ kind: 'fail', service, operation, probability: fail / 100 });
    if (stuck) rules.add({ kind: 'stuck', service, operation, probability: stuck / 100 });
  }
}

async function run(embedded: Embedded, { input, fleet }: Rehearsal): Promise<RehearsalOutcome> {
  const connection = await Connection.connect({ address: embedded.address });
  try {
    const client = new Client({ connection, namespace: embedded.namespace });
    embedded.begin();
    const { workflowId } = await beginUpgrade(client, input);
    const ended = new AbortController();
    const waiting = endWhereItWaits(client, workflowId, ended.signal);
    const following = followUpgrade(client, workflowId, { stream: process.stderr, every: 500, lineEvery: 5_000 });
    const [view, waitedFor] = await Promise.all([following.finally(() => ended.abort()), waiting]);
    const result = (await client.workflow.getHandle(workflowId).result()) as ImageUpgradeResult;
    const leftOut = fleet.rows.filter((row) => row.verdict === 'skipped');
    return outcomeOf(embedded.sandbox, { input, view, result, waitedFor, leftOut });
  } finally {
    await connection.close();
  }
}

/** In a few words; null: nobody. */
function whatItWaitsFor({ halt, counts }: ImageUpgradeStatus): string | null {
  const { waiting, warned, queued, rebuilding, blocked } = counts;
  if (halt) return halt.reason;
  const isStill = waiting + warned + queued + rebuilding === 0;
  return blocked > 0 && isStill ? `${plural(blocked, 'WorkSpace')} blocked` : null;
}

/** Nobody decides in a rehearsal what a person would have to: the run is aborted there. What it waited for; null: nothing. */
async function endWhereItWaits(client: Client, workflowId: string, ended: AbortSignal): Promise<string | null> {
  const handle = client.workflow.getHandle(workflowId);
  while (!ended.aborted) {
    // Whoever follows the run tells of an answer that does not come.
    const status = await handle.query(statusQuery).catch(() => null);
    const why = status && whatItWaitsFor(status);
    if (why !== null) {
      const reason = 'the rehearsal ends where a person would decide';
      // Refused when all have ended by then: there is nothing to decide any more.
      await handle.executeUpdate(abortUpdate, { args: [{ reason }] }).catch(() => undefined);
      return why;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return null;
}
