/** What the plan of a whole vault reads: a page of it, counted here, as a list of all would not fit into a workflow. */
import type { CustodyPolicy, VaultRef } from '../domain/custody.ts';
import { groupOf, mergedGroups, MOST_SHOWN, type PlannedGroup } from '../domain/custody-vault-plan.ts';
import { createBackupPointsActivities, type BackupDeps } from './backup-points.ts';

/** AWS's most. */
const PAGE = 1_000;

export const createCustodyPlansActivities = (deps: BackupDeps) => {
  const points = createBackupPointsActivities(deps);
  return {
    /** Counts a page of a vault's points by what would be done with them. @iam backup:ListRecoveryPointsByBackupVault */
    async countPoints(input: {
      readonly policy: CustodyPolicy;
      readonly vault: VaultRef;
      readonly nextToken: string | null;
    }): Promise<CountedPage> {
      const { policy, vault, nextToken } = input;
      const page = await points.listPoints({ vault, nextToken, maxResults: PAGE });
      const groups = page.points.map((point) =>
        groupOf(policy, { ...point, at: page.at, storageClass: null }, page.at),
      );
      return {
        at: page.at,
        groups: mergedGroups(groups),
        arns: page.points.slice(0, MOST_SHOWN).map(({ ref }) => ref.arn),
        nextToken: page.nextToken,
      };
    },
  };
};

export interface CountedPage {
  readonly at: string;
  readonly groups: readonly PlannedGroup[];
  readonly arns: readonly string[];
  readonly nextToken: string | null;
}
