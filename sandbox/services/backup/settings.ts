/** What AWS does not document, or documents as a range: one row per account and Region that tests change. */
import type { Place } from './rows.ts';

export interface BackupSettings {
  /** How long a copy job is CREATED where nothing keeps it waiting. */
  readonly createdSeconds: readonly [number, number];
  /** What a copy takes: so much, and so much for each GiB. */
  readonly copySeconds: { readonly base: number; readonly perGib: number };
  readonly backupSeconds: { readonly base: number; readonly perGib: number };
  readonly restoreSeconds: { readonly base: number; readonly perGib: number };
  /** From its start until a copy or restore job that cannot work is FAILED. */
  readonly failSeconds: readonly [number, number];
  /** AWS's quotas: copies at once out of this Region to one Region, beyond them to one vault. */
  readonly copiesPerRegion: number;
  readonly copiesPerVault: number;
  /** AWS does not say what becomes of a job above them: it waits as CREATED; a number: it is refused when so many are open. */
  readonly copiesRefusedAbove: number | null;
  /** How long the idempotency token of a job is known. */
  readonly tokenHours: number;
  /** How long a point that was deleted is DELETING. */
  readonly deletingSeconds: readonly [number, number];
  /** Within so many hours after its end a point goes. */
  readonly expiryHours: number;
  /** For so long after its last point has gone a vault is not yet taken as empty. */
  readonly vaultEmptySeconds: number;
  /** What becomes of a retention that has ended already when it is set. */
  readonly pastExpiry: 'accepted' | 'refused';
  /** Types that AWS copies to another account and Region in one action. */
  readonly bothAtOnce: readonly string[];
  /** Whether copy jobs out of this account are told in the account of their destination as well. */
  readonly copyEventsInDestination: boolean;
  /** How long jobs are listed. */
  readonly jobDays: number;
}

const DEFAULTS: BackupSettings = {
  createdSeconds: [0, 600],
  copySeconds: { base: 60, perGib: 10 },
  backupSeconds: { base: 30, perGib: 2 },
  restoreSeconds: { base: 240, perGib: 2 },
  failSeconds: [20, 60],
  copiesPerRegion: 100,
  copiesPerVault: 5,
  copiesRefusedAbove: null,
  tokenHours: 24,
  deletingSeconds: [30, 300],
  expiryHours: 8,
  vaultEmptySeconds: 0,
  pastExpiry: 'accepted',
  bothAtOnce: [
    'Aurora',
    'DocumentDB',
    'DynamoDB',
    'EBS',
    'EC2',
    'EFS',
    'FSx',
    'Neptune',
    'RDS',
    'S3',
    'VirtualMachine',
  ],
  copyEventsInDestination: true,
  jobDays: 30,
};

const table = ({ world, account, region }: Place) =>
  world.store.table<Partial<BackupSettings>>(account, region, 'backup.settings');

export function settingsOf(place: Place): BackupSettings {
  const changed = table(place).get('settings');
  return changed ? { ...DEFAULTS, ...changed } : DEFAULTS;
}

/** Changes some settings from now on; what is under way already stays as it was drawn. */
export function changeSettings(place: Place, changes: Partial<BackupSettings>): void {
  table(place).set('settings', { ...table(place).get('settings'), ...changes });
}
