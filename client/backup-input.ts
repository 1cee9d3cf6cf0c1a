/** The parameters of an image backup, from flags or from a policy of `holdfast.yaml`. */
import type { Command } from 'commander';
import { parseBackupInput } from '../domain/backup-input.ts';
import { BACKUP_DEFAULTS, type ImageBackupInput } from '../domain/image-backup.ts';
import type { BackupFlags } from './backup-flags.ts';
import { readConfig } from './config-file.ts';
import { CommandError } from './exit.ts';
import { retentionOf } from './retention-flags.ts';

/** What people call a field. */
const FLAG_OF: Readonly<Record<string, string>> = {
  'target.account': '--account',
  'target.region': '--region',
  policy: '--policy',
  'selection.allOf': '--tag',
  'selection.anyOf': '--any-tag',
  'selection.noneOf': '--not-tag',
  'selection.workspaceIds': '--ids-file',
  'selection.directoryIds': '--directory',
  maxResources: '--max-resources',
  startStopped: '--start-stopped',
  connectedUsers: '--connected',
  windows: '--window',
  maxConcurrent: '--max-concurrent',
  imageTimeoutMinutes: '--image-timeout',
  runTimeoutMinutes: '--run-timeout',
  'retention.days': '--days',
  'retention.keepAtLeast': '--keep-at-least',
  'retention.keepDaily': '--keep-daily',
  'retention.keepWeekly': '--keep-weekly',
  'retention.keepMonthly': '--keep-monthly',
  'retention.maxDeletePercent': '--max-delete-percent',
  runsPerDay: '--runs-per-day',
  imageQuota: '--image-quota',
  operatorTopicArn: '--operator-topic',
  'report.bucket': '--report-bucket',
  'report.prefix': '--report-prefix',
  'report.kmsKeyArn': '--report-kms-key',
};

/** What is wrong with them ends the command, all at once and before anything is done. */
export function backupInput(flags: BackupFlags, command: Command): ImageBackupInput {
  if (flags.config !== undefined) return declared(flags.config, flags.policy, command);
  const parsed = parseBackupInput(rawInput(flags), (field) => FLAG_OF[field] ?? field);
  if (parsed.ok) return parsed.input;
  throw new CommandError('usage', parsed.problems.join('\n'));
}

function declared(file: string, policy: string, command: Command): ImageBackupInput {
  const others = command.options.filter(
    (option) =>
      command.getOptionValueSource(option.attributeName()) === 'cli' &&
      Object.values(FLAG_OF).includes(option.long ?? '') &&
      option.long !== '--policy',
  );
  if (others.length > 0) {
    const names = others.map(({ long }) => long).join(', ');
    throw new CommandError(
      'usage',
      `${file} holds all parameters of the policy: leave out ${names}, or leave out --config`,
    );
  }
  const { imageBackup } = readConfig(file);
  const input = Object.hasOwn(imageBackup, policy) ? imageBackup[policy] : undefined;
  if (input) return input;
  const known = Object.keys(imageBackup).join(', ') || 'none';
  throw new CommandError('usage', `${file} has no imageBackup policy ${policy}; it has: ${known}`);
}

type Raw = { readonly [Field in keyof ImageBackupInput]: unknown };

function rawInput(flags: BackupFlags): Raw {
  return {
    target: { account: flags.account, region: flags.region },
    policy: flags.policy,
    selection: selectionOf(flags),
    startStopped: flags.startStopped ?? false,
    connectedUsers: flags.connected,
    windows: flags.window ?? [],
    maxConcurrent: flags.maxConcurrent,
    maxResources: flags.maxResources ?? null,
    imageTimeoutMinutes: flags.imageTimeout,
    runTimeoutMinutes: flags.runTimeout,
    retention: retentionOf(flags),
    runsPerDay: flags.runsPerDay,
    imageQuota: flags.imageQuota ?? null,
    operatorTopicArn: flags.operatorTopic ?? null,
    report: { bucket: flags.reportBucket, prefix: flags.reportPrefix, kmsKeyArn: flags.reportKmsKey ?? null },
  };
}

/** Without any selection: the old system's tag. */
function selectionOf({ tag, anyTag, notTag = [], idsFile, directory }: BackupFlags): object {
  const isGiven = [tag, anyTag, idsFile, directory].some((each) => each !== undefined);
  return {
    allOf: tag ?? (isGiven ? [] : [BACKUP_DEFAULTS.selectionTag]),
    anyOf: anyTag ?? [],
    noneOf: notTag,
    workspaceIds: idsFile ?? [],
    directoryIds: directory ?? [],
  };
}
