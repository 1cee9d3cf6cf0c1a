/** AWS Backup: vaults and their points, copies across accounts and Regions, and what keeps points from being deleted. */
import type { Service } from '../service.ts';
import { settingOperations } from './backup/account-settings.ts';
import { backupJobOperations } from './backup/backup-jobs.ts';
import { copyJobOperations } from './backup/copy-jobs.ts';
import { copyStartOperations } from './backup/copy-start.ts';
import { legalHoldOperations } from './backup/legal-holds.ts';
import { pointChangeOperations } from './backup/point-changes.ts';
import { planOperations } from './backup/plans.ts';
import { pointOperations } from './backup/points.ts';
import { restoreJobOperations } from './backup/restore-jobs.ts';
import { tagOperations } from './backup/tags.ts';
import { vaultLockOperations } from './backup/vault-locks.ts';
import { vaultPolicyOperations } from './backup/vault-policies.ts';
import { vaultOperations } from './backup/vaults.ts';

export const backup: Service = {
  signingName: 'backup',
  operations: {
    ...vaultOperations,
    ...vaultLockOperations,
    ...vaultPolicyOperations,
    ...pointOperations,
    ...pointChangeOperations,
    ...tagOperations,
    ...backupJobOperations,
    ...copyStartOperations,
    ...copyJobOperations,
    ...restoreJobOperations,
    ...settingOperations,
    ...legalHoldOperations,
    ...planOperations,
  },
};
