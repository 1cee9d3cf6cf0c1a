/** Backup plans, as far as points tell which one made them: there are some from the start, and no API makes others. */
import type { Operation, World } from '../../service.ts';
import type { PageInput } from './paging.ts';
import { newestFirst } from './paging.ts';
import type { Place } from './rows.ts';

interface Plan {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
}

const plans = ({ world, account, region }: Place) => world.store.table<Plan>(account, region, 'backup.plans');

export function seedPlan(world: World, seed: { account: string; region: string; id: string; name: string }): void {
  const { account, region, id, name } = seed;
  plans({ world, account, region }).set(id, { id, name, createdAt: world.clock.now() });
}

const listBackupPlans: Operation = (input: PageInput, call) => {
  const { rows, NextToken } = newestFirst(call, 'ListBackupPlans', input, plans(call).values(), () => true);
  const shown = rows.map(({ id, name, createdAt }) => ({
    BackupPlanId: id,
    BackupPlanArn: `arn:aws:backup:${call.region}:${call.account}:backup-plan:${id}`,
    BackupPlanName: name,
    CreationDate: new Date(createdAt),
  }));
  return { BackupPlansList: shown, NextToken };
};

export const planOperations: Readonly<Record<string, Operation>> = { ListBackupPlans: listBackupPlans };
