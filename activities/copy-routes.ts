/** What a copy's way is like: the destination vault, policies, keys, organization and settings of both sides. */
import {
  DescribeBackupVaultCommand,
  DescribeGlobalSettingsCommand,
  DescribeRegionSettingsCommand,
  GetBackupVaultAccessPolicyCommand,
} from '@aws-sdk/client-backup';
import { DescribeKeyCommand, GetKeyPolicyCommand, type KMSClient } from '@aws-sdk/client-kms';
import { DescribeOrganizationCommand, type OrganizationsClient } from '@aws-sdk/client-organizations';
import type { KeyFacts, Known, RouteFacts, VaultFacts } from '../domain/copy-route.ts';
import { vaultArn, type VaultRef } from '../domain/custody.ts';
import { targetName, type Target } from '../domain/target.ts';
import { asLock } from './backup-gate.ts';
import type { BackupDeps } from './backup-points.ts';
import { untilCancelled } from './cancellation.ts';
import { awsErrorCode, call, failureType } from './failure.ts';

export interface CopyRoutesDeps extends BackupDeps {
  readonly kmsFor: (target: Target) => KMSClient;
  readonly organizationsFor: (target: Target) => OrganizationsClient;
}

export interface CopyRoute {
  readonly from: Target;
  readonly to: VaultRef;
  readonly resourceType: string;
  /** Of the point; null: it is not encrypted. */
  readonly keyArn: string | null;
  readonly backupRole: string;
}

/** So long one reading serves all copies that go the same way. */
const HOLDS = 10 * 60_000;

export const createCopyRoutesActivities = (deps: CopyRoutesDeps) => {
  const known = new Map<string, { readonly readAt: number; readonly facts: Promise<RouteFacts> }>();
  return {
    /**
     * Reads what a copy's way is like, or what was read of it within ten minutes. What the worker's role may not read is
     * told as such; a destination that this worker does not serve is refused.
     *
     * @iam backup:DescribeBackupVault backup:GetBackupVaultAccessPolicy backup:DescribeGlobalSettings
     * @iam backup:DescribeRegionSettings kms:DescribeKey kms:GetKeyPolicy organizations:DescribeOrganization
     */
    async describeRoute(input: CopyRoute & { readonly fresh: boolean }): Promise<RouteFacts> {
      const { fresh, ...route } = input;
      const key = JSON.stringify([targetName(route.from), vaultArn(route.to), route.resourceType, route.keyArn]);
      const last = known.get(key);
      if (last && !fresh && performance.now() - last.readAt < HOLDS) return await last.facts;
      const facts = readRoute(deps, route);
      known.set(key, { readAt: performance.now(), facts });
      // A reading that failed is nobody's.
      facts.catch(() => known.delete(key));
      return await facts;
    },
  };
};

async function readRoute(deps: CopyRoutesDeps, route: CopyRoute): Promise<RouteFacts> {
  const { from, to, resourceType, keyArn, backupRole } = route;
  const isAway = from.account !== to.account;
  const vault = await readable(() => readVault(deps, to), 'served');
  const destinationKeyArn = vault !== 'notReadable' ? (vault?.keyArn ?? null) : null;
  return {
    vault,
    accessPolicy: vault === null ? null : await readable(() => readAccessPolicy(deps, to)),
    organizations: {
      source: isAway ? await readable(() => readOrganization(deps, from)) : 'notReadable',
      destination: isAway ? await readable(() => readOrganization(deps, to)) : 'notReadable',
    },
    crossAccount: isAway ? await readable(() => readCrossAccount(deps, from)) : 'notReadable',
    optedIn: {
      source: await readable(() => readOptIn(deps, from, resourceType)),
      destination: await readable(() => readOptIn(deps, to, resourceType)),
    },
    sourceKey: keyArn === null ? null : await readable(() => readKey(deps, from, keyArn)),
    destinationKey: destinationKeyArn === null ? null : await readable(() => readKey(deps, to, destinationKeyArn)),
    backupRoleArn: `arn:aws:iam::${from.account}:role/${backupRole}`,
  };
}

/**
 * What passes by itself is tried again; what does not cannot be read: the worker does not serve that account, or may not.
 * A destination must be served: a copy into it could be neither followed on nor verified.
 */
async function readable<T>(read: () => Promise<Known<T>>, place: 'served' | 'any' = 'any'): Promise<Known<T>> {
  try {
    return await read();
  } catch (error) {
    const type = (error as { readonly type?: string }).type ?? failureType(error);
    if (type === 'Throttled' || type === 'Unavailable' || type === undefined) throw error;
    if (type === 'InvalidInput' && place === 'served') throw error;
    return 'notReadable';
  }
}

async function readVault({ backupFor }: CopyRoutesDeps, to: VaultRef): Promise<VaultFacts | null> {
  return await call({ target: to, action: 'backup:DescribeBackupVault', resource: to.vault }, async () => {
    try {
      const output = await backupFor(to).send(
        new DescribeBackupVaultCommand({ BackupVaultName: to.vault }),
        untilCancelled(),
      );
      return {
        type: output.VaultType ?? 'BACKUP_VAULT',
        state: output.VaultState ?? null,
        keyArn: output.EncryptionKeyArn ?? null,
        lock: asLock(output),
      };
    } catch (error) {
      if (failureType(error) === 'NotFound') return null;
      throw error;
    }
  });
}

async function readAccessPolicy({ backupFor }: CopyRoutesDeps, to: VaultRef): Promise<string | null> {
  return await call({ target: to, action: 'backup:GetBackupVaultAccessPolicy', resource: to.vault }, async () => {
    try {
      const command = new GetBackupVaultAccessPolicyCommand({ BackupVaultName: to.vault });
      return (await backupFor(to).send(command, untilCancelled())).Policy ?? null;
    } catch (error) {
      if (failureType(error) === 'NotFound') return null;
      throw error;
    }
  });
}

async function readOrganization({ organizationsFor }: CopyRoutesDeps, target: Target): Promise<string | null> {
  return await call({ target, action: 'organizations:DescribeOrganization' }, async () => {
    try {
      const output = await organizationsFor(target).send(new DescribeOrganizationCommand({}), untilCancelled());
      return output.Organization?.Id ?? null;
    } catch (error) {
      if (awsErrorCode(error) === 'AWSOrganizationsNotInUseException') return null;
      throw error;
    }
  });
}

async function readCrossAccount({ backupFor }: CopyRoutesDeps, target: Target): Promise<boolean> {
  return await call({ target, action: 'backup:DescribeGlobalSettings' }, async () => {
    const output = await backupFor(target).send(new DescribeGlobalSettingsCommand({}), untilCancelled());
    return output.GlobalSettings?.['isCrossAccountBackupEnabled'] === 'true';
  });
}

/** A type that the settings do not name is none that one could opt out of. */
async function readOptIn({ backupFor }: CopyRoutesDeps, target: Target, type: string): Promise<boolean> {
  return await call({ target, action: 'backup:DescribeRegionSettings' }, async () => {
    const output = await backupFor(target).send(new DescribeRegionSettingsCommand({}), untilCancelled());
    return output.ResourceTypeOptInPreference?.[type] ?? true;
  });
}

async function readKey({ kmsFor }: CopyRoutesDeps, target: Target, keyArn: string): Promise<KeyFacts> {
  return await call({ target, action: 'kms:DescribeKey', resource: keyArn }, async () => {
    const described = await kmsFor(target).send(new DescribeKeyCommand({ KeyId: keyArn }), untilCancelled());
    const { Arn: arn = keyArn, KeyManager: manager, KeyState: state = 'Unknown' } = described.KeyMetadata ?? {};
    const policy = await readable(() => readKeyPolicy(kmsFor(target), target, arn));
    return { arn, manager: manager === 'AWS' ? 'AWS' : 'CUSTOMER', state, policy };
  });
}

const readKeyPolicy = async (kms: KMSClient, target: Target, arn: string): Promise<Known<string>> =>
  await call({ target, action: 'kms:GetKeyPolicy', resource: arn }, async () => {
    const command = new GetKeyPolicyCommand({ KeyId: arn, PolicyName: 'default' });
    return (await kms.send(command, untilCancelled())).Policy ?? 'notReadable';
  });
