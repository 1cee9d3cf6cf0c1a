/**
 * What a restore test has made, in the service that has it now: looked at, and deleted again. Only what its own restore job
 * says to have made, or what carries its own name, is ever deleted.
 */
import { DescribeRestoreJobCommand, type BackupClient } from '@aws-sdk/client-backup';
import { DeleteTableCommand, DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteVolumeCommand, DescribeVolumesCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { DeleteDBInstanceCommand, DescribeDBInstancesCommand, type RDSClient } from '@aws-sdk/client-rds';
import { ApplicationFailure } from '@temporalio/activity';
import { RESTORE_TEST_NAME, type RestoredFacts, type TestedType } from '../domain/restore-test.ts';
import type { Target } from '../domain/target.ts';
import { awsTime, type MetadataBearer } from './aws-time.ts';
import { untilCancelled } from './cancellation.ts';
import { call } from './failure.ts';

export interface RestoredDeps {
  readonly backupFor: (target: Target) => BackupClient;
  readonly ec2For: (target: Target) => EC2Client;
  readonly rdsFor: (target: Target) => RDSClient;
  readonly dynamodbFor: (target: Target) => DynamoDBClient;
}

/** What is there of it; null: nothing. */
interface Look {
  readonly at: string;
  readonly restored: (RestoredFacts & { readonly isGoing: boolean }) | null;
}

/** One of the services that have what was restored. @param name its own, the last part of its ARN */
interface Kind {
  readonly actions: { readonly look: string; readonly remove: string };
  look(target: Target, name: string): Promise<Look>;
  remove(target: Target, name: string): Promise<unknown>;
}

const GIB = 2 ** 30;

export const createRestoredActivities = (deps: RestoredDeps) => {
  const kinds: Readonly<Record<TestedType, Kind>> = {
    EBS: volumes(deps),
    RDS: instances(deps),
    DynamoDB: tables(deps),
  };
  return {
    /** Reads what was restored. @iam ec2:DescribeVolumes rds:DescribeDBInstances dynamodb:DescribeTable */
    async lookAtRestored(input: {
      readonly target: Target;
      readonly resourceType: TestedType;
      readonly arn: string;
    }): Promise<{ readonly at: string; readonly restored: RestoredFacts | null }> {
      const { target, resourceType, arn } = input;
      const kind = kinds[resourceType];
      return await call({ target, action: kind.actions.look, resource: arn }, async () => {
        const { at, restored } = await kind.look(target, nameIn(arn));
        return { at, restored: restored && { ...restored, arn } };
      });
    },

    /**
     * Deletes what the test's restore job has made, and says whether it is gone. Repeated until it is: what is being deleted
     * is left to it. @iam backup:DescribeRestoreJob ec2:DescribeVolumes ec2:DeleteVolume rds:DescribeDBInstances
     * rds:DeleteDBInstance dynamodb:DescribeTable dynamodb:DeleteTable
     */
    async removeRestored(input: {
      readonly target: Target;
      readonly resourceType: TestedType;
      readonly jobId: string;
      readonly pointArn: string;
      /** What the test called it; a volume has no name. */
      readonly name: string;
    }): Promise<{ readonly gone: boolean; readonly what: string | null }> {
      const { target, resourceType } = input;
      const kind = kinds[resourceType];
      const name = resourceType === 'EBS' ? await volumeOf(deps.backupFor(target), input) : ownName(input.name);
      if (name === null) return { gone: true, what: null };
      return await call({ target, action: kind.actions.remove, resource: name }, async () => {
        const { restored } = await kind.look(target, name);
        if (restored === null) return { gone: true, what: name };
        if (!restored.isGoing) await ignoring(BUSY, () => kind.remove(target, name));
        return { gone: false, what: name };
      });
    },
  };
};

/** The last part of an ARN. */
const nameIn = (arn: string): string => arn.split(/[:/]/).at(-1) ?? '';

/** The only guard of a table and an instance is the name: it must be one that no person gives. */
function ownName(name: string): string {
  if (name.startsWith(RESTORE_TEST_NAME) && name.length > RESTORE_TEST_NAME.length + 10) return name;
  throw ApplicationFailure.nonRetryable(`${name} is no name that a restore test gives: it stays`, 'SafetyRefused');
}

/** What the job made; null: nothing. */
async function volumeOf(
  backup: BackupClient,
  { target, jobId, pointArn }: { readonly target: Target; readonly jobId: string; readonly pointArn: string },
): Promise<string | null> {
  return await call({ target, action: 'backup:DescribeRestoreJob', resource: jobId }, async () => {
    const job = await backup.send(new DescribeRestoreJobCommand({ RestoreJobId: jobId }), untilCancelled());
    if (job.RecoveryPointArn !== pointArn) {
      throw ApplicationFailure.nonRetryable(
        `restore job ${jobId} is of ${job.RecoveryPointArn ?? 'nothing known'}, not of ${pointArn}: what it made stays`,
        'SafetyRefused',
      );
    }
    return job.CreatedResourceArn === undefined ? null : nameIn(job.CreatedResourceArn);
  });
}

/** AWS's names for what is not there (any more), with and without the ending that its SDK gives them. */
const NOT_THERE = [
  'InvalidVolume.NotFound',
  'DBInstanceNotFound',
  'DBInstanceNotFoundFault',
  'ResourceNotFoundException',
];
/** It cannot be deleted at present: it is being made, changed or deleted. */
const BUSY = [
  ...NOT_THERE,
  'IncorrectState',
  'InvalidDBInstanceState',
  'InvalidDBInstanceStateFault',
  'ResourceInUseException',
];

/** Undefined: it was one of those errors. */
async function ignoring<T>(names: readonly string[], send: () => Promise<T>): Promise<T | undefined> {
  try {
    return await send();
  } catch (error) {
    const { name, Code: code } = error as { readonly name?: string; readonly Code?: string };
    if (names.includes(name ?? '') || names.includes(code ?? '')) return undefined;
    throw error;
  }
}

const facts = (output: MetadataBearer, restored: Omit<NonNullable<Look['restored']>, 'arn'> | null): Look => ({
  at: awsTime(output),
  restored: restored && { ...restored, arn: '' },
});
/** An answer of AWS's that has no time: nothing waits for what is gone. */
const GONE: Look = { at: '', restored: null };

const volumes = ({ ec2For }: RestoredDeps): Kind => ({
  actions: { look: 'ec2:DescribeVolumes', remove: 'ec2:DeleteVolume' },
  async look(target, name) {
    const command = new DescribeVolumesCommand({ VolumeIds: [name] });
    const output = await ignoring(NOT_THERE, () => ec2For(target).send(command, untilCancelled()));
    const volume = output?.Volumes?.[0];
    if (!output || !volume) return GONE;
    const state = volume.State ?? 'unknown';
    return facts(output, {
      state,
      isAvailable: state === 'available',
      isPending: state === 'creating',
      isGoing: state === 'deleting' || state === 'deleted',
      sizeBytes: (volume.Size ?? 0) * GIB,
      isEncrypted: volume.Encrypted ?? null,
      isPublic: false,
    });
  },
  remove: async (target, name) =>
    await ec2For(target).send(new DeleteVolumeCommand({ VolumeId: name }), untilCancelled()),
});

/** What an instance may be in right after it was restored. */
const SETTLING = ['creating', 'backing-up', 'modifying', 'configuring-enhanced-monitoring', 'rebooting', 'upgrading'];

const instances = ({ rdsFor }: RestoredDeps): Kind => ({
  actions: { look: 'rds:DescribeDBInstances', remove: 'rds:DeleteDBInstance' },
  async look(target, name) {
    const command = new DescribeDBInstancesCommand({ DBInstanceIdentifier: name });
    const output = await ignoring(NOT_THERE, () => rdsFor(target).send(command, untilCancelled()));
    const instance = output?.DBInstances?.[0];
    if (!output || !instance) return GONE;
    const state = instance.DBInstanceStatus ?? 'unknown';
    return facts(output, {
      state,
      isAvailable: state === 'available',
      isPending: SETTLING.includes(state),
      isGoing: state === 'deleting',
      sizeBytes: (instance.AllocatedStorage ?? 0) * GIB,
      isEncrypted: instance.StorageEncrypted ?? null,
      isPublic: instance.PubliclyAccessible ?? false,
    });
  },
  remove: async (target, name) => {
    const command = new DeleteDBInstanceCommand({
      DBInstanceIdentifier: name,
      SkipFinalSnapshot: true,
      DeleteAutomatedBackups: true,
    });
    return await rdsFor(target).send(command, untilCancelled());
  },
});

const tables = ({ dynamodbFor }: RestoredDeps): Kind => ({
  actions: { look: 'dynamodb:DescribeTable', remove: 'dynamodb:DeleteTable' },
  async look(target, name) {
    const command = new DescribeTableCommand({ TableName: name });
    const output = await ignoring(NOT_THERE, () => dynamodbFor(target).send(command, untilCancelled()));
    const table = output?.Table;
    if (!output || !table) return GONE;
    const state = table.TableStatus ?? 'unknown';
    return facts(output, {
      state,
      isAvailable: state === 'ACTIVE',
      isPending: state === 'CREATING' || state === 'UPDATING',
      isGoing: state === 'DELETING',
      // AWS counts a table's items every six hours: right after a restore the figure says nothing.
      sizeBytes: null,
      isEncrypted: null,
      isPublic: false,
    });
  },
  remove: async (target, name) =>
    await dynamodbFor(target).send(new DeleteTableCommand({ TableName: name }), untilCancelled()),
});
