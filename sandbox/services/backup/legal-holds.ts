/** Legal holds: what they cover is not deleted, by nobody and by no lifecycle, until they are cancelled. */
import { uuidFrom } from '../uuid.ts';
import type { Call, Operation } from '../../service.ts';
import { invalidState, invalidValue, notFound } from './errors.ts';
import { covers } from './hold-cover.ts';
import { DAY_MS } from './lifecycle.ts';
import { newestFirst } from './paging.ts';
import type { PageInput } from './paging.ts';
import { statusAt } from './point-state.ts';
import type { LegalHold } from './rows.ts';
import { legalHolds, points } from './rows.ts';

interface CreateInput {
  readonly Title: string;
  readonly Description: string;
  readonly IdempotencyToken?: string;
  readonly RecoveryPointSelection?: {
    readonly VaultNames?: string[];
    readonly ResourceIdentifiers?: string[];
    readonly DateRange?: { readonly FromDate: Date; readonly ToDate: Date };
  };
}

const BEGINS_MS = 5_000;

const createLegalHold: Operation = (input: CreateInput, call) => {
  const {
    VaultNames: vaults = [],
    ResourceIdentifiers: resources = [],
    DateRange: range,
  } = input.RecoveryPointSelection ?? {};
  if (vaults.length > 0 && resources.length > 0) {
    throw invalidValue('A legal hold selects vaults or resources, not both');
  }
  if (range && range.FromDate > range.ToDate) throw invalidValue('FromDate is after ToDate');
  const tokens = call.world.store.table<{ id: string }>(call.account, call.region, 'backup.hold-tokens');
  const known = tokens.get(input.IdempotencyToken ?? '');
  const id =
    known?.id ?? uuidFrom(call.world.random(`backup/hold/${call.account}/${call.region}/${legalHolds(call).size}`));
  const hold = legalHolds(call).get(id) ?? {
    id,
    title: input.Title,
    description: input.Description,
    createdAt: call.now,
    vaults,
    resources,
    from: range?.FromDate.getTime() ?? null,
    to: range?.ToDate.getTime() ?? null,
    cancelledAt: null,
    cancelDescription: null,
    retainUntil: null,
  };
  legalHolds(call).set(id, hold);
  if (input.IdempotencyToken !== undefined) tokens.set(input.IdempotencyToken, { id });
  return { ...holdShown(call, hold, call.now), RecoveryPointSelection: selectionShown(hold) };
};

function holdShown(call: Call, hold: LegalHold, at: number): object {
  return {
    Title: hold.title,
    Status: statusOf(hold, at),
    Description: hold.description,
    LegalHoldId: hold.id,
    LegalHoldArn: `arn:aws:backup:${call.region}:${call.account}:legal-hold:${hold.id}`,
    CreationDate: new Date(hold.createdAt),
    CancellationDate: hold.cancelledAt === null ? undefined : new Date(hold.cancelledAt),
  };
}

function statusOf({ createdAt, cancelledAt }: LegalHold, at: number): string {
  if (cancelledAt !== null) return at < cancelledAt + BEGINS_MS ? 'CANCELING' : 'CANCELED';
  return at < createdAt + BEGINS_MS ? 'CREATING' : 'ACTIVE';
}

function selectionShown({ vaults, resources, from, to }: LegalHold): object {
  return {
    ...(vaults.length > 0 && { VaultNames: vaults }),
    ...(resources.length > 0 && { ResourceIdentifiers: resources }),
    ...(from !== null && to !== null && { DateRange: { FromDate: new Date(from), ToDate: new Date(to) } }),
  };
}

function holdOf(call: Call, id: string): LegalHold {
  const hold = legalHolds(call).get(id);
  if (hold) return hold;
  throw notFound(`Legal hold ${id} does not exist.`);
}

const getLegalHold: Operation = ({ LegalHoldId: id }: { LegalHoldId: string }, call) => {
  const hold = holdOf(call, id);
  return {
    ...holdShown(call, hold, call.asOf),
    CancelDescription: hold.cancelDescription ?? undefined,
    RetainRecordUntil: hold.retainUntil === null ? undefined : new Date(hold.retainUntil),
    RecoveryPointSelection: selectionShown(hold),
  };
};

const listLegalHolds: Operation = (input: PageInput, call) => {
  const fits = ({ retainUntil }: LegalHold): boolean => retainUntil === null || retainUntil > call.asOf;
  const { rows, NextToken } = newestFirst(call, 'ListLegalHolds', input, legalHolds(call).values(), fits);
  return { LegalHolds: rows.map((hold) => holdShown(call, hold, call.asOf)), NextToken };
};

interface CancelInput {
  readonly LegalHoldId: string;
  readonly CancelDescription: string;
  readonly RetainRecordInDays?: number;
}

const cancelLegalHold: Operation = (input: CancelInput, call) => {
  const hold = holdOf(call, input.LegalHoldId);
  if (hold.cancelledAt !== null) throw invalidState(`Legal hold ${hold.id} is cancelled already.`);
  hold.cancelledAt = call.now;
  hold.cancelDescription = input.CancelDescription;
  hold.retainUntil = call.now + (input.RetainRecordInDays ?? 0) * DAY_MS;
  legalHolds(call).touch();
  return {};
};

const listRecoveryPointsByLegalHold: Operation = (input: PageInput & { LegalHoldId: string }, call) => {
  const hold = legalHolds(call).get(input.LegalHoldId);
  if (!hold) throw invalidValue(`Legal hold ${input.LegalHoldId} does not exist.`);
  const all = points(call).all;
  const { rows, NextToken } = newestFirst(
    call,
    'ListRecoveryPointsByLegalHold',
    input,
    all,
    (point) => covers(hold, point) && statusAt(call, point, call.asOf) !== undefined,
  );
  const shown = rows.map(({ arn, resourceArn, resourceType, vault }) => ({
    RecoveryPointArn: arn,
    ResourceArn: resourceArn,
    ResourceType: resourceType,
    BackupVaultName: vault,
  }));
  return { RecoveryPoints: shown, NextToken };
};

export const legalHoldOperations = {
  CreateLegalHold: createLegalHold,
  GetLegalHold: getLegalHold,
  ListLegalHolds: listLegalHolds,
  CancelLegalHold: cancelLegalHold,
  ListRecoveryPointsByLegalHold: listRecoveryPointsByLegalHold,
};
