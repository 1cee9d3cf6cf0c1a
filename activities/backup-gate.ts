/** The last look before an original is changed: everything that its gate needs, read anew each time. */
import {
  DescribeBackupVaultCommand,
  GetLegalHoldCommand,
  ListLegalHoldsCommand,
  ListRecoveryPointsByBackupVaultCommand,
  type DescribeBackupVaultOutput,
} from '@aws-sdk/client-backup';
import { DescribeImagesCommand, DescribeLockedSnapshotsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import type { VaultLock } from '../domain/copy-route.ts';
import { isUsable, type PointFacts, type PointRef, type VaultRef } from '../domain/custody.ts';
import { heldBy, type GateLook, type HoldSelection } from '../domain/original-gate.ts';
import type { Target } from '../domain/target.ts';
import { alive } from './alive.ts';
import { asListed, readPoint, type BackupDeps, type ListedPoint } from './backup-points.ts';
import { untilCancelled } from './cancellation.ts';
import { call, failureType } from './failure.ts';
import { nestedIn } from './nested-points.ts';

export interface BackupGateDeps extends BackupDeps {
  readonly ec2For: (target: Target) => EC2Client;
}

export type GateReading = Omit<GateLook, 'state'>;

interface GateInput {
  readonly source: PointRef;
  readonly survivors: readonly PointRef[];
  readonly isDeletion: boolean;
}

export const createBackupGateActivities = ({ backupFor, ec2For }: BackupGateDeps) => ({
  /**
   * Reads the original and what is nested in it, each survivor where it lies, the lock of the original's vault, legal holds, the locks of
   * an EBS snapshot or of those of an EC2 image, and for a deletion whether its vault has a newer point of the resource.
   *
   * @iam backup:DescribeRecoveryPoint backup:DescribeBackupVault backup:ListLegalHolds backup:GetLegalHold
   * @iam backup:ListRecoveryPointsByBackupVault ec2:DescribeLockedSnapshots ec2:DescribeImages
   */
  async lookAtGate(input: GateInput): Promise<GateReading> {
    return await alive(() => readGate({ backupFor, ec2For }, input));
  },
});

/** One after the other: there may be many legal holds, each a call of its own. */
async function readGate(
  { backupFor, ec2For }: BackupGateDeps,
  { source, survivors: places, isDeletion }: GateInput,
): Promise<GateReading> {
  const survivors: (PointFacts | null)[] = [];
  for (const survivor of places) survivors.push((await readPoint(backupFor, survivor)).facts);
  const lock = await lockOf(backupFor, source);
  const { at, facts } = await readPoint(backupFor, source);
  // AWS changes and deletes what is nested along with it.
  const all = facts ? [facts, ...(await nestedIn(backupFor, facts))] : [];
  return {
    now: at,
    source: facts,
    survivors,
    lock,
    legalHolds: await holdsOf(backupFor, source, all),
    snapshotLock: await snapshotLockOf(ec2For, source, all),
    incomplete: await incompleteAmong(backupFor, survivors, all.length - 1),
    newer: facts !== null && isDeletion && (await isNewer(backupFor, facts)),
  };
}

/** The copies of a composite point that hold fewer nested points than the original. */
async function incompleteAmong(
  backupFor: BackupDeps['backupFor'],
  survivors: readonly (PointFacts | null)[],
  nested: number,
): Promise<GateLook['incomplete']> {
  const incomplete: { arn: string; nested: number; of: number }[] = [];
  if (nested <= 0) return incomplete;
  for (const survivor of survivors) {
    const held = survivor ? (await nestedIn(backupFor, { ...survivor, isParent: true })).length : nested;
    if (survivor && held < nested) incomplete.push({ arn: survivor.ref.arn, nested: held, of: nested });
  }
  return incomplete;
}

/** Null: it is not locked, or not there, as then nothing in it is. */
async function lockOf(backupFor: BackupDeps['backupFor'], vault: VaultRef): Promise<VaultLock | null> {
  return await call({ target: vault, action: 'backup:DescribeBackupVault', resource: vault.vault }, async () => {
    try {
      const command = new DescribeBackupVaultCommand({ BackupVaultName: vault.vault });
      return asLock(await backupFor(vault).send(command, untilCancelled()));
    } catch (error) {
      if (failureType(error) !== 'NotFound') throw error;
      return null;
    }
  });
}

/** An air-gapped vault is locked by its nature, also where AWS does not say so. */
export const asLock = (vault: DescribeBackupVaultOutput): VaultLock | null =>
  vault.Locked || vault.VaultType === 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT'
    ? {
        minRetentionDays: vault.MinRetentionDays ?? null,
        maxRetentionDays: vault.MaxRetentionDays ?? null,
        lockDate: vault.LockDate?.toISOString() ?? null,
      }
    : null;

/** The active holds that are for one of the points. A listing does not tell for which points a hold is. */
async function holdsOf(
  backupFor: BackupDeps['backupFor'],
  ref: PointRef,
  points: readonly ListedPoint[],
): Promise<{ readonly id: string; readonly title: string }[]> {
  const ids: string[] = [];
  if (points.length === 0) return [];
  await call({ target: ref, action: 'backup:ListLegalHolds' }, async () => {
    for (let token: string | undefined; ;) {
      const output = await backupFor(ref).send(new ListLegalHoldsCommand({ NextToken: token }), untilCancelled());
      // One that is being made or cancelled holds, as far as anybody knows.
      const holding = (output.LegalHolds ?? []).filter((hold) => hold.Status !== 'CANCELED');
      ids.push(...holding.map((hold) => hold.LegalHoldId ?? ''));
      token = output.NextToken;
      if (token === undefined) return;
    }
  });
  const holds: { id: string; title: string }[] = [];
  for (const id of ids) {
    const { title, selection } = await readHold(backupFor, ref, id);
    if (points.some((point) => heldBy(selection, point))) holds.push({ id, title });
  }
  return holds;
}

async function readHold(
  backupFor: BackupDeps['backupFor'],
  target: Target,
  id: string,
): Promise<{ readonly title: string; readonly selection: HoldSelection }> {
  return await call({ target, action: 'backup:GetLegalHold', resource: id }, async () => {
    const output = await backupFor(target).send(new GetLegalHoldCommand({ LegalHoldId: id }), untilCancelled());
    const { VaultNames, ResourceIdentifiers, DateRange } = output.RecoveryPointSelection ?? {};
    const selection = {
      vaultNames: VaultNames ?? [],
      resourceIdentifiers: ResourceIdentifiers ?? [],
      fromDate: DateRange?.FromDate?.toISOString() ?? null,
      toDate: DateRange?.ToDate?.toISOString() ?? null,
    };
    return { title: output.Title ?? '', selection };
  });
}

/** The lock that lasts longest. */
async function snapshotLockOf(
  ec2For: BackupGateDeps['ec2For'],
  ref: PointRef,
  points: readonly ListedPoint[],
): Promise<GateLook['snapshotLock']> {
  const ids: string[] = [];
  for (const point of points) ids.push(...(await snapshotsOf(ec2For, point)));
  if (ids.length === 0) return null;
  return await call({ target: ref, action: 'ec2:DescribeLockedSnapshots', resource: ref.arn }, async () => {
    const command = new DescribeLockedSnapshotsCommand({ SnapshotIds: ids });
    const { Snapshots = [] } = await ec2For(ref).send(command, untilCancelled());
    const [locked] = Snapshots.filter(({ LockState }) => LockState !== 'expired').toSorted(
      (a, b) => (b.LockExpiresOn?.getTime() ?? Infinity) - (a.LockExpiresOn?.getTime() ?? Infinity),
    );
    if (!locked) return null;
    const { SnapshotId: snapshotId = '', LockState: state = 'unknown', LockExpiresOn } = locked;
    return { snapshotId, state, expiresAt: LockExpiresOn?.toISOString() ?? null };
  });
}

/** An EC2 instance's recovery point is an image, whose snapshots may be locked one by one. */
async function snapshotsOf(ec2For: BackupGateDeps['ec2For'], { ref, resourceType }: ListedPoint): Promise<string[]> {
  const id = ref.arn.split('/').at(-1) ?? '';
  if (resourceType === 'EBS') return [id];
  if (resourceType !== 'EC2') return [];
  return await call({ target: ref, action: 'ec2:DescribeImages', resource: id }, async () => {
    const { Images = [] } = await ec2For(ref).send(new DescribeImagesCommand({ ImageIds: [id] }), untilCancelled());
    const volumes = Images.flatMap(({ BlockDeviceMappings = [] }) => BlockDeviceMappings);
    return volumes.flatMap(({ Ebs }) => (Ebs?.SnapshotId === undefined ? [] : [Ebs.SnapshotId]));
  });
}

/** Whether the point's vault has a newer one of the same resource that could stand in for it. */
async function isNewer(backupFor: BackupDeps['backupFor'], point: PointFacts): Promise<boolean> {
  const { ref, resourceArn, createdAt } = point;
  const context = { target: ref, action: 'backup:ListRecoveryPointsByBackupVault', resource: ref.vault };
  return await call(context, async () => {
    for (let token: string | undefined; ;) {
      const command = new ListRecoveryPointsByBackupVaultCommand({
        BackupVaultName: ref.vault,
        ByResourceArn: resourceArn,
        ByCreatedAfter: new Date(createdAt),
        NextToken: token,
      });
      const output = await backupFor(ref).send(command, untilCancelled());
      const isNewerOne = (output.RecoveryPoints ?? []).some(
        (each) =>
          each.RecoveryPointArn !== ref.arn &&
          isUsable(each.Status ?? '') &&
          !asListed(ref, each).isContinuous &&
          (each.CreationDate?.getTime() ?? 0) > Date.parse(createdAt),
      );
      token = output.NextToken;
      if (isNewerOne || token === undefined) return isNewerOne;
    }
  });
}
