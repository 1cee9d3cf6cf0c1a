/** AWS Backup in two accounts and two Regions of a sandbox whose clock stands still but for what a test moves it on. */
import { BackupClient } from '@aws-sdk/client-backup';
import type { World } from '../../../sandbox/service.ts';
import { startSandbox } from '../../../sandbox/sandbox.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { seedPoint, seedVault } from '../../../sandbox/services/backup/seeds.ts';
import type { PointSeed, VaultSeed } from '../../../sandbox/services/backup/seeds.ts';
import type { Place, Point } from '../../../sandbox/services/backup/rows.ts';
import { changeSettings } from '../../../sandbox/services/backup/settings.ts';
import type { BackupSettings } from '../../../sandbox/services/backup/settings.ts';
import { optionsFor } from '../edge/rig.ts';

export const SOURCE = '111122223333';
export const BACKUP = '444455556666';
export const HERE = 'eu-central-1';
export const THERE = 'eu-west-1';
export const ROLE = `arn:aws:iam::${SOURCE}:role/service-role/AWSBackupDefaultServiceRole`;
export const DAY_MS = 86_400_000;

export interface BackupRig {
  readonly sandbox: Sandbox;
  readonly world: World;
  readonly place: Place;
  /** Of the source account in its Region. */
  readonly client: BackupClient;
  clientOf(account: string, region: string): BackupClient;
  vault(changes?: Partial<VaultSeed>): string;
  point(changes?: Partial<PointSeed>): Point;
  settings(changes: Partial<BackupSettings>): void;
  now(): number;
  pass(milliseconds: number): void;
  close(): Promise<void>;
}

export async function startBackup(): Promise<BackupRig> {
  const sandbox = await startSandbox({ startTime: '2026-01-05T08:00:00Z' });
  sandbox.clock.pause();
  const { world } = sandbox;
  const place = { world, account: SOURCE, region: HERE };
  const clients: BackupClient[] = [];
  const clientOf = (account: string, region: string): BackupClient => {
    const client = new BackupClient(optionsFor(sandbox, { account, region }));
    clients.push(client);
    return client;
  };
  seedVault(world, { account: SOURCE, region: HERE, name: 'nightly' });
  return {
    sandbox,
    world,
    place,
    client: clientOf(SOURCE, HERE),
    clientOf,
    vault: (changes) => {
      const seed = { account: SOURCE, region: THERE, name: 'nightly', ...changes };
      seedVault(world, seed);
      return `arn:aws:backup:${seed.region}:${seed.account}:backup-vault:${seed.name}`;
    },
    point: (changes) =>
      seedPoint(world, {
        account: SOURCE,
        region: HERE,
        vault: 'nightly',
        resourceType: 'EBS',
        resourceArn: `arn:aws:ec2:${HERE}:${SOURCE}:volume/vol-1`,
        ...changes,
      }),
    settings: (changes) => changeSettings(place, changes),
    now: () => sandbox.clock.now(),
    pass: (milliseconds) => sandbox.clock.step(milliseconds),
    close: async () => {
      for (const client of clients) client.destroy();
      await sandbox.close();
    },
  };
}
