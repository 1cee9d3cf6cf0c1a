/** What is nested in a composite recovery point, as in one of a CloudFormation stack. */
import { ListRecoveryPointsByBackupVaultCommand } from '@aws-sdk/client-backup';
import { isUsable, type PointFacts } from '../domain/custody.ts';
import { asListed, type BackupDeps, type ListedPoint } from './backup-points.ts';
import { untilCancelled } from './cancellation.ts';
import { call } from './failure.ts';

/** The nested points that can be restored; none: it is no composite one. @iam backup:ListRecoveryPointsByBackupVault */
export async function nestedIn(
  backupFor: BackupDeps['backupFor'],
  { ref, isParent }: Pick<PointFacts, 'ref' | 'isParent'>,
): Promise<readonly ListedPoint[]> {
  if (!isParent) return [];
  const context = { target: ref, action: 'backup:ListRecoveryPointsByBackupVault', resource: ref.vault };
  return await call(context, async () => {
    const nested: ListedPoint[] = [];
    for (let token: string | undefined; ;) {
      const command = new ListRecoveryPointsByBackupVaultCommand({
        BackupVaultName: ref.vault,
        ByParentRecoveryPointArn: ref.arn,
        NextToken: token,
      });
      const output = await backupFor(ref).send(command, untilCancelled());
      nested.push(...(output.RecoveryPoints ?? []).map((point) => asListed(ref, point)));
      token = output.NextToken;
      if (token === undefined) return nested.filter(({ status }) => isUsable(status));
    }
  });
}
