/** Custodies whose histories are kept: copied by two ways, blocked and resumed, released, and of which nothing came. */
import { seedPoint } from '../../sandbox/services/backup/seeds.ts';
import { releaseCustodyUpdate, resumeCustodyUpdate } from '../../workflows/custody.messages.ts';
import {
  BACKUP,
  legTo,
  policyOf,
  refOf,
  ruleOf,
  SECOND,
  SOURCE,
  startCustody,
  startCustodyRig,
  untilCustody,
  VAULT,
  type CustodyRig,
} from '../rig/custody.ts';

export const startCustodies = (): Promise<CustodyRig> =>
  startCustodyRig({ speed: 2000, points: [{ count: 4 }, { count: 1, type: 'EFS', outcome: 'AVAILABLE' }] });

/** One of each type that restores are tested of. */
export const startVault = (): Promise<CustodyRig> =>
  startCustodyRig({ speed: 2000, points: ['EBS', 'RDS', 'DynamoDB'].map((type) => ({ count: 1, type, ageDays: 1 })) });

export async function custodies(rig: CustodyRig): Promise<void> {
  const by = { by: 'ada@desk', reason: 'recorded' };
  const [shortened, deleted, resumed, released, continuous] = rig.points;
  if (!shortened || !deleted || !resumed || !released || !continuous) throw new TypeError('five points are expected');
  const twoWays = ruleOf({ legs: [legTo(BACKUP), legTo(SECOND, { route: 'twoHop' })] });
  const deleting = { ...twoWays, then: { kind: 'delete' } as const };
  rig.sandbox.faults.add({
    kind: 'fail',
    operation: 'StartCopyJob',
    resource: resumed.arn,
    count: 1,
    message: 'The key k is not accessible',
  });
  rig.sandbox.faults.add({ kind: 'stuck', operation: 'StartCopyJob', resource: released.arn, count: 1 });
  const { resourceArn, resourceType } = deleted;
  seedPoint(rig.sandbox.world, { ...SOURCE, vault: VAULT, resourceArn, resourceType });
  const handles = await Promise.all([
    startCustody(rig, refOf(shortened), policyOf(twoWays)),
    startCustody(rig, refOf(deleted), policyOf(deleting)),
    startCustody(rig, refOf(resumed)),
    startCustody(rig, refOf(released)),
    startCustody(rig, refOf(continuous)),
  ]);
  await untilCustody(handles[2], 'it is blocked', ({ health }) => health === 'blocked');
  await handles[2].executeUpdate(resumeCustodyUpdate, { args: [{ ...by, leg: null }] });
  await untilCustody(handles[3], 'it is followed', ({ legs }) => legs[0]?.hops[0]?.step === 'follow');
  await handles[3].executeUpdate(releaseCustodyUpdate, { args: [by] });
  await Promise.all(handles.map((handle) => handle.result()));
}
