/**
 * What a message of EventBridge says of AWS Backup. An event is a hint: it may come late, twice, out of order or never, so
 * it only tells where to look; its quirks are AWS's own, see
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
 */
import { vaultOfArn, type CustodyHint, type PointRef, type VaultRef } from './custody.ts';

export type BackupEvent =
  | {
      readonly kind: 'point';
      readonly ref: PointRef;
      /** Instants on each of the days on which AWS may have it created: a job's dates stand around its point's. */
      readonly createdAt: readonly string[];
      /** `COMPLETED`, `AVAILABLE`, `PARTIAL`, `EXPIRED`, … */
      readonly state: string;
    }
  | { readonly kind: 'copyJob'; readonly source: PointRef; readonly hint: CustodyHint }
  /** Of something else: nothing is to be done. */
  | { readonly kind: 'ignored'; readonly why: string }
  /** It should say something and does not. */
  | { readonly kind: 'malformed'; readonly why: string };

type Fields = Readonly<Record<string, unknown>>;

/** @param body of the message, as EventBridge put it into the queue */
export function parseBackupEvent(body: string): BackupEvent {
  const event = parsed(body);
  if (event === null) return malformed(`is not a JSON object: ${excerpt(body)}`);
  const { source, 'detail-type': type } = event;
  if (typeof source !== 'string' || typeof type !== 'string')
    return malformed('has no source and detail-type, which every event of EventBridge has');
  if (source !== 'aws.backup') return ignored(`is of ${source}, not of aws.backup`);
  const detail = fieldsOf(event['detail']);
  switch (type) {
    case 'Backup Job State Change':
      return backupJob(event, detail);
    case 'Copy Job State Change':
      return copyJob(event, detail);
    case 'Recovery Point State Change':
    case 'Recovery Point Change':
      return recoveryPoint(event, detail);
    case 'AWS Service Event via CloudTrail':
      return serviceEvent(detail);
    default:
      return ignored(`${type} says nothing of a recovery point`);
  }
}

/** The end of a backup job: its recovery point stands in `resources`. */
function backupJob(event: Fields, detail: Fields): BackupEvent {
  const state = text(detail['state']);
  if (state === null) return malformed('a backup job without a state');
  if (state !== 'COMPLETED') return ignored(`a backup job that is ${state} has no recovery point to look after`);
  const days = daysBetween(instant(detail['creationDate']), instant(detail['completionDate']));
  return pointOf({ arn: resourceOf(event), vault: vaultIn(event, detail), createdAt: days, state });
}

function recoveryPoint(event: Fields, detail: Fields): BackupEvent {
  const state = text(detail['status']) ?? text(detail['state']);
  if (state === null) return malformed('a recovery point without a status');
  const created = instant(detail['creationDate']);
  const createdAt = created === null ? [] : [created];
  return pointOf({ arn: resourceOf(event), vault: vaultIn(event, detail), createdAt, state });
}

/** What CloudTrail tells of AWS Backup's own doings; its `BackupJobCompleted` comes for every end, failures too. */
function serviceEvent(detail: Fields): BackupEvent {
  const name = text(detail['eventName']);
  if (name === null) return malformed('an event of CloudTrail without an eventName');
  if (name !== 'BackupJobCompleted') return ignored(`${name} of CloudTrail says nothing of a completed backup`);
  const about = fieldsOf(detail['serviceEventDetails']);
  const state = text(about['state']);
  if (state === null) return malformed('a BackupJobCompleted of CloudTrail without a state');
  if (state !== 'COMPLETED') return ignored(`a backup job that is ${state} has no recovery point to look after`);
  const days = daysBetween(
    instant(about['creationDate']),
    instant(about['completionDate']) ?? instant(detail['eventTime']),
  );
  return pointOf({ arn: text(about['recoveryPointArn']), vault: vaultIn({}, about), createdAt: days, state });
}

/** `resources` names the point that is copied, not the copy. */
function copyJob(event: Fields, detail: Fields): BackupEvent {
  const arn = resourceOf(event);
  if (arn === null) return malformed('a copy job that does not name the recovery point that is copied');
  const vault = vaultOfArn(text(detail['sourceBackupVaultArn']) ?? '');
  if (!vault) return malformed('a copy job without a sourceBackupVaultArn');
  const state = text(detail['state']);
  if (state === null) return malformed('a copy job without a state');
  const hint: CustodyHint = {
    kind: 'copyJob',
    // A job that is only being made has no id yet, and one that has not completed `{}` for its copy.
    copyJobId: text(detail['copyJobId']),
    state,
    destinationVaultArn: text(detail['destinationBackupVaultArn']),
    copyArn: text(detail['destinationRecoveryPointArn']),
    message: text(detail['statusMessage']),
  };
  return { kind: 'copyJob', source: { ...vault, arn }, hint };
}

interface Told {
  readonly arn: string | null;
  readonly vault: VaultRef | undefined;
  readonly createdAt: readonly string[];
  readonly state: string;
}

function pointOf({ arn, vault, createdAt, state }: Told): BackupEvent {
  if (arn === null) return malformed('does not name the recovery point');
  if (!vault) return malformed(`names no vault of ${arn}`);
  if (createdAt.length === 0) return malformed(`does not say when ${arn} was created`);
  return { kind: 'point', ref: { ...vault, arn }, createdAt, state };
}

/** The vault's ARN says most; some events have its name only, in the account and Region of the event. */
function vaultIn(event: Fields, detail: Fields): VaultRef | undefined {
  const named = vaultOfArn(text(detail['backupVaultArn']) ?? '');
  if (named) return named;
  const [account, region, vault] = [text(event['account']), text(event['region']), text(detail['backupVaultName'])];
  return account !== null && region !== null && vault !== null ? { account, region, vault } : undefined;
}

function resourceOf(event: Fields): string | null {
  const { resources } = event;
  const first: unknown = Array.isArray(resources) ? resources[0] : undefined;
  const arn = text(first);
  return arn?.startsWith('arn:') ? arn : null;
}

const DAY = 86_400_000;
/** AWS keeps a backup job for no longer. */
const MOST_DAYS = 31;

/** An instant on each UTC day from the one to the other; the one alone where the other is not known. */
export function daysBetween(from: string | null, to: string | null): string[] {
  if (from === null) return to === null ? [] : [to];
  const days = [from];
  const last = Date.parse(to ?? from);
  for (let at = startOfDay(Date.parse(from)) + DAY; at <= last && days.length < MOST_DAYS; at += DAY)
    days.push(new Date(at).toISOString());
  return days;
}

const startOfDay = (at: number): number => at - (at % DAY);

/** ISO; AWS writes text, CloudTrail seconds since 1970 apart from their fraction. */
function instant(value: unknown): string | null {
  if (typeof value === 'string') return iso(Date.parse(value));
  const { seconds } = fieldsOf(value);
  return typeof seconds === 'number' || typeof seconds === 'string' ? iso(Number(seconds) * 1000) : null;
}

const YEAR_10000 = Date.UTC(10_000, 0, 1);
const iso = (at: number): string | null => (at >= 0 && at < YEAR_10000 ? new Date(at).toISOString() : null);

function parsed(body: string): Fields | null {
  try {
    const value: unknown = JSON.parse(body);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

const EXCERPT = 100;
const excerpt = (body: string): string => JSON.stringify(body.length > EXCERPT ? `${body.slice(0, EXCERPT)}…` : body);

const ignored = (why: string): BackupEvent => ({ kind: 'ignored', why });
const malformed = (why: string): BackupEvent => ({ kind: 'malformed', why });
