/** What a policy would do with a recovery point, or with those of a vault: read-only, nothing is changed. */
import { ApplicationFailure, setCurrentDetails } from '@temporalio/workflow';
import { parseCustodyPolicy } from '../domain/custody-input.ts';
import { legsOf } from '../domain/custody-legs.ts';
import { planPoint, type PlannedPoint } from '../domain/custody-plan.ts';
import { coverageOf } from '../domain/custody-rules.ts';
import {
  mergedGroups,
  type CustodyPlan,
  type CustodyPlanInput,
  type PlannedGroup,
} from '../domain/custody-vault-plan.ts';
import type { CustodyPolicy, PointRef, VaultRef } from '../domain/custody.ts';
import { backupReads, custodyPlanReads } from './activities.ts';
import { plannedRoutes } from './planned-routes.ts';

export async function custodyPlan({ policy: raw, scope }: CustodyPlanInput): Promise<CustodyPlan> {
  const policy = validPolicy(raw);
  setCurrentDetails('Reading recovery points; nothing is changed');
  if (scope.kind === 'vault') return await planVault(policy, scope.vault, scope.limit);
  return { kind: 'point', point: await planOne(policy, scope.point, { checked: true }) };
}

function validPolicy(raw: unknown): CustodyPolicy {
  const parsed = parseCustodyPolicy(raw);
  if (parsed.ok) return parsed.input;
  throw ApplicationFailure.nonRetryable(parsed.problems.join('; '), 'InvalidInput');
}

/** @param checked whether the ways of its copies are looked at, too */
async function planOne(
  policy: CustodyPolicy,
  point: PointRef,
  { checked }: { readonly checked: boolean },
): Promise<PlannedPoint | null> {
  const { at: now, facts, tags } = await backupReads.lookAtPoint({ point });
  if (!facts) return null;
  const coverage = coverageOf(policy, facts, tags);
  if (!checked || coverage.kind !== 'covered') return planPoint({ policy, facts, tags, now });
  const legs = legsOf(coverage.rule, facts, now);
  const routes = await Promise.all(legs.map(async ({ hops }) => await plannedRoutes(policy.backupRole, facts, hops)));
  const { then } = coverage.rule;
  if (then.kind === 'keep') return planPoint({ policy, facts, tags, now, routes });
  const look = await backupReads.lookAtGate({ source: point, survivors: [], isDeletion: then.kind === 'delete' });
  return planPoint({ policy, facts, tags, now, routes, look });
}

/** All points are counted by what AWS's list shows of them; the first ones are looked at, with their tags. */
async function planVault(policy: CustodyPolicy, vault: VaultRef, limit: number): Promise<CustodyPlan> {
  let groups: PlannedGroup[] = [];
  const arns: string[] = [];
  let nextToken: string | null = null;
  let asOf = '';
  do {
    const page: Awaited<ReturnType<typeof custodyPlanReads.countPoints>> = await custodyPlanReads.countPoints({
      policy,
      vault,
      nextToken,
    });
    groups = mergedGroups([...groups, ...page.groups]);
    arns.push(...page.arns.slice(0, limit - arns.length));
    ({ nextToken, at: asOf } = page);
  } while (nextToken !== null);
  const first = await Promise.all(
    arns.map(async (arn) => await planOne(policy, { ...vault, arn }, { checked: false })),
  );
  return { kind: 'vault', vault, groups, first: first.filter((each) => each !== null), asOf };
}
