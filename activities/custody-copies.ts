/**
 * Looks at the copies of settled points again: whether they still are where they were verified. The index says which there
 * are to be, and a whole listing of their vault which of them AWS has.
 */
import { ListRecoveryPointsByBackupVaultCommand, type BackupClient } from '@aws-sdk/client-backup';
import type { S3Client } from '@aws-sdk/client-s3';
import { ApplicationFailure } from '@temporalio/activity';
import { vaultArn, vaultOfArn, type CustodyPolicy, type VaultRef } from '../domain/custody.ts';
import { vaultName, type CopiesFound, type OddPoint } from '../domain/custody-sweep.ts';
import { indexRoot, indexVaultPrefix, monthOf } from '../domain/evidence-keys.ts';
import type { EvidencePlace, IndexEntry, IndexedLeg } from '../domain/evidence.ts';
import type { Target } from '../domain/target.ts';
import { alive } from './alive.ts';
import { awsTime } from './aws-time.ts';
import { asListed } from './backup-points.ts';
import { untilCancelled } from './cancellation.ts';
import { readIndex } from './evidence-index.ts';
import { foldersBelow, forAll, keysBelow } from './evidence-store.ts';
import { call, failureType } from './failure.ts';
import { noteMissing } from './missing-copies.ts';
import { countOdd, MOST_ODD, statusOddity } from './odd-points.ts';

interface CustodyCopiesDeps {
  readonly backupFor: (target: Target) => BackupClient;
  readonly s3For: (target: Target) => S3Client;
}

export const createCustodyCopiesActivities = ({ backupFor, s3For }: CustodyCopiesDeps) => ({
  /** Finds the vaults in which settled points have copies, and out of which vaults. @iam s3:ListBucket s3:GetObject kms:Decrypt */
  async findCopyVaults(input: {
    readonly policy: CustodyPolicy;
  }): Promise<{ readonly vaults: readonly { readonly vault: VaultRef; readonly from: readonly VaultRef[] }[] }> {
    const { evidence, sources } = input.policy;
    const s3 = s3For(evidence.target);
    return await reading(evidence, async () => {
      const found = new Map<string, Map<string, VaultRef>>();
      for (const from of await indexedVaults(s3, evidence, sources)) {
        await forEachCopy(s3, evidence, from, ({ leg }) => {
          const vaults = found.get(leg.destinationVaultArn) ?? new Map<string, VaultRef>();
          found.set(leg.destinationVaultArn, vaults.set(vaultName(from), from));
        });
      }
      const vaults = [...found].flatMap(([arn, from]) => {
        const vault = vaultOfArn(arn);
        return vault ? [{ vault, from: [...from.values()] }] : [];
      });
      return { vaults };
    });
  },

  /**
   * Lists a vault of copies as a whole, begins nothing, and tells which copies of settled points it did not show that are
   * to be there. @iam backup:ListRecoveryPointsByBackupVault s3:ListBucket s3:GetObject s3:PutObject kms:Decrypt kms:GenerateDataKey
   */
  async lookAtCopies(input: {
    readonly evidence: EvidencePlace;
    readonly vault: VaultRef;
    /** Out of which its copies are. */
    readonly from: readonly VaultRef[];
  }): Promise<CopiesFound> {
    const { evidence, vault, from } = input;
    const s3 = s3For(evidence.target);
    const listing = await alive(() => listAll(backupFor(vault), vault));
    const { at, odd, isThere } = listing;
    const missing: SettledCopy[] = [];
    await reading(evidence, async () => {
      for (const each of from) {
        await forEachCopy(s3, evidence, each, (copy) => {
          if (isMissing(copy, vaultArn(vault), listing)) missing.push(copy);
        });
      }
    });
    // What could not be listed says nothing.
    if (!isThere && missing.length > 0) throw noVault(vault, missing.length);
    const months = await reading(evidence, () => note(s3, evidence, vault, { from, missing, at }));
    const gone = missing.map((copy) => goneOddity(vault, copy));
    const counts = { partial: countOdd(odd, 'partial'), expired: countOdd(odd, 'expired'), copyGone: gone.length };
    return { counts, odd: [...odd.slice(0, MOST_ODD), ...gone.slice(0, MOST_ODD)], months };
  },
});

async function reading<T>({ target, place }: EvidencePlace, work: () => Promise<T>): Promise<T> {
  const context = { target, action: 's3:GetObject', resource: `${place.bucket}/${indexRoot(place.prefix)}` };
  return await call(context, () => alive(work));
}

/** Those that the index has anything of, whether AWS has them or not. */
async function indexedVaults(s3: S3Client, evidence: EvidencePlace, sources: readonly Target[]): Promise<VaultRef[]> {
  const found = await forAll(sources, async ({ account, region }) => {
    const names = await foldersBelow(s3, evidence, `${indexRoot(evidence.place.prefix)}${account}/${region}/`);
    return names.map((vault): VaultRef => ({ account, region, vault }));
  });
  return found.flat();
}

interface SettledCopy {
  readonly from: VaultRef;
  readonly point: Pick<IndexEntry, 'pointArn' | 'createdAt'>;
  readonly leg: IndexedLeg & { readonly copyArn: string };
}

/** All copies that the index has of a vault's points. Some days at a time: the index holds every point there ever was. */
async function forEachCopy(
  s3: S3Client,
  evidence: EvidencePlace,
  from: VaultRef,
  use: (copy: SettledCopy) => void,
): Promise<void> {
  const folder = indexVaultPrefix(evidence.place.prefix, from);
  const days: string[] = [];
  for await (const key of keysBelow(s3, evidence, folder)) days.push(key.slice(folder.length, -'.json'.length));
  await forAll(days, async (day) => {
    for (const { pointArn, createdAt, legs } of await readIndex(s3, evidence, { vault: from, day })) {
      for (const { copyArn, ...leg } of legs) {
        if (copyArn !== null) use({ from, point: { pointArn, createdAt }, leg: { ...leg, copyArn } });
      }
    }
  });
}

/** What was verified after the listing had begun need not be in it. */
function isMissing({ leg }: SettledCopy, own: string, { at, arns }: Listing): boolean {
  const { destinationVaultArn, copyArn, verifiedAt, deleteAt } = leg;
  if (destinationVaultArn !== own || arns.has(copyArn) || verifiedAt === null || verifiedAt >= at) return false;
  return deleteAt === null || deleteAt > at;
}

interface Listing {
  /** AWS's time, when it began. */
  readonly at: string;
  readonly arns: ReadonlySet<string>;
  readonly odd: readonly OddPoint[];
  readonly isThere: boolean;
}

async function listAll(backup: BackupClient, vault: VaultRef): Promise<Listing> {
  const context = { target: vault, action: 'backup:ListRecoveryPointsByBackupVault', resource: vault.vault };
  return await call(context, async () => {
    const arns = new Set<string>();
    const odd: OddPoint[] = [];
    let at = '';
    let token: string | undefined;
    try {
      do {
        const request = { BackupVaultName: vault.vault, MaxResults: 1000, NextToken: token };
        const page = await backup.send(new ListRecoveryPointsByBackupVaultCommand(request), untilCancelled());
        at ||= awsTime(page);
        for (const point of page.RecoveryPoints ?? []) {
          const listed = asListed(vault, point);
          arns.add(listed.ref.arn);
          odd.push(...statusOddity(listed));
        }
        token = page.NextToken;
      } while (token);
      return { at, arns, odd, isThere: true };
    } catch (error) {
      if (failureType(error) !== 'NotFound') throw error;
      return { at: awsTime(error as { $metadata: object }), arns: new Set(), odd: [], isThere: false };
    }
  });
}

const noVault = (vault: VaultRef, copies: number): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `AWS knows no vault ${vaultName(vault)}, where copies of ${copies} settled points are to be: look there what became of them`,
    'NotFound',
  );

/** Tells of the months whose reports are other ones now. */
async function note(
  s3: S3Client,
  evidence: EvidencePlace,
  to: VaultRef,
  {
    from,
    missing,
    at,
  }: { readonly from: readonly VaultRef[]; readonly missing: readonly SettledCopy[]; readonly at: string },
): Promise<CopiesFound['months']> {
  const changed = await forAll(from, async (vault) => {
    const own = missing.filter((copy) => vaultName(copy.from) === vaultName(vault));
    const copies = own.map(({ point, leg }) => ({ copyArn: leg.copyArn, ...point, since: at }));
    const noted = await noteMissing(s3, evidence, { from: vault, to }, copies);
    const months = new Set(noted.map(({ createdAt }) => monthOf(createdAt)));
    return [...months].map((month) => ({ vault, month }));
  });
  return changed.flat();
}

const goneOddity = (vault: VaultRef, { from, point, leg }: SettledCopy): OddPoint => ({
  oddity: 'copyGone',
  vault: vaultName(vault),
  pointArn: leg.copyArn,
  why:
    `its vault does not show it, where it was verified ${leg.verifiedAt ?? ''} and is to stay ` +
    `${leg.deleteAt === null ? 'for ever' : `until ${leg.deleteAt}`}: the copy of ${point.pointArn} in ${vaultName(from)}`,
});
