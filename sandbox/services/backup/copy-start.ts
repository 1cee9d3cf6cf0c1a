/** StartCopyJob: what it refuses at once is little; the rest fails in the job. */
import { uuidFrom } from '../uuid.ts';
import type { Call, Operation } from '../../service.ts';
import type { FaultRule } from '../../faults.ts';
import { copyRefusal } from './copy-checks.ts';
import type { Route } from './copy-checks.ts';
import { schedule } from './copy-schedule.ts';
import { invalidRequest, invalidValue, limitExceeded, notFound } from './errors.ts';
import { tellCopyJob, tellPoint } from './events.ts';
import { lifecycleOf } from './lifecycle.ts';
import type { LifecycleInput } from './lifecycle.ts';
import { isCold, statusAt } from './point-state.ts';
import { pointIn } from './points.ts';
import { checkRole } from './roles.ts';
import type { CopyJob, Lifecycle, Place, Point } from './rows.ts';
import { NEVER, copyJobs, points, vaultArn, vaultAt, vaults } from './rows.ts';
import { settingsOf } from './settings.ts';
import { jobOfToken, keepToken } from './tokens.ts';
import { factsOf, pointArnOf } from './types.ts';

interface StartCopyJobInput {
  readonly RecoveryPointArn: string;
  readonly SourceBackupVaultName: string;
  readonly DestinationBackupVaultArn: string;
  readonly IamRoleArn: string;
  readonly IdempotencyToken?: string;
  readonly Lifecycle?: LifecycleInput;
}

const startCopyJob: Operation = (input: StartCopyJobInput, call) => {
  const { IdempotencyToken: token } = input;
  checkRole(input.IamRoleArn, call.account);
  const known = jobOfToken(call, 'copy', token);
  const job = (known !== undefined && copyJobs(call).get(known)) || begin(call, input);
  if (token !== undefined && known === undefined) keepToken(call, 'copy', token, job.id);
  return { CopyJobId: job.id, CreationDate: new Date(job.createdAt), IsParent: job.isParent };
};

function begin(call: Call, input: StartCopyJobInput): CopyJob {
  const point = pointIn(call, input.SourceBackupVaultName, input.RecoveryPointArn, call.now);
  checkCopiable(call, point);
  const route = routeOf(call, input, point);
  checkRoom(call, route);
  const fault = call.world.faults.take(['stuck', 'fail'], { service: 'backup', operation: 'StartCopyJob', input });
  const order: Order = { call, input, fault, parent: null };
  return point.isParent ? copyComposite(order, route) : copyOne(order, route);
}

function checkCopiable(call: Call, point: Point): void {
  if (point.outcome === 'AVAILABLE') throw invalidRequest('Copy job does not support continuous recovery points.');
  if (isCold(point, call.now))
    throw invalidRequest(`Recovery point ${point.arn} is in cold storage and cannot be copied.`);
  const status = statusAt(call, point, call.now);
  if (status !== point.outcome)
    throw invalidRequest(`Recovery point ${point.arn} is ${status ?? 'gone'} and cannot be copied.`);
}

/** Where tests have AWS refuse what is too much at once. */
function checkRoom(call: Call, { to }: Route): void {
  const { copiesRefusedAbove } = settingsOf(call);
  if (copiesRefusedAbove === null) return;
  const open = copyJobs(call).all.filter((job) => job.destinationRegion === to.region && job.endsAt > call.now);
  if (open.length < copiesRefusedAbove) return;
  throw limitExceeded(`The number of concurrent copy jobs to ${to.region} exceeds ${copiesRefusedAbove}.`);
}

/** A vault of one's own must be there; whether another's is, AWS says in the job. */
function routeOf(call: Call, input: StartCopyJobInput, point: Point): Route {
  const where = vaultAt(input.DestinationBackupVaultArn);
  if (!where) throw invalidValue(`Invalid destination backup vault ARN: ${input.DestinationBackupVaultArn}`);
  const to = { world: call.world, account: where.account, region: where.region };
  const vault = vaults(to).get(where.name) ?? null;
  if (!vault && where.account === call.account) {
    throw notFound(`Backup vault ${input.DestinationBackupVaultArn} does not exist.`);
  }
  const isSame = where.account === call.account && where.region === call.region && where.name === point.vault;
  if (isSame) throw invalidRequest('Source and destination backup vault cannot be the same.');
  return { from: call, to, vault, vaultName: where.name, point, lifecycle: lifecycleFor(input.Lifecycle, point) };
}

/** A copy without an end of its own keeps its source's, days of both being counted from the same creation. */
function lifecycleFor(given: LifecycleInput | undefined, point: Point): Lifecycle {
  if (!given) return point.lifecycle;
  const lifecycle = lifecycleOf(given, point.resourceType, point.arn);
  return { ...lifecycle, deleteAfterDays: lifecycle.deleteAfterDays ?? point.lifecycle.deleteAfterDays };
}

interface Order {
  readonly call: Call;
  readonly input: StartCopyJobInput;
  readonly fault: FaultRule | undefined;
  readonly parent: { readonly job: string; readonly point: string } | null;
}

function copyOne(order: Order, route: Route): CopyJob {
  const { call } = order;
  const { point } = route;
  const random = randomFor(call);
  const id = uuidFrom(random).toUpperCase();
  const { message, ends } = endOf(order, route);
  const settings = settingsOf(call);
  const { base, perGib } = settings.copySeconds;
  const takesMs =
    ends === 'FAILED'
      ? random.between(...settings.failSeconds) * 1000
      : (base + (perGib * point.sizeBytes) / 2 ** 30) * 1000;
  const times = schedule(call, {
    readyAt: readyAt(order, call.now + Math.round(random.between(...settings.createdSeconds) * 1000)),
    takesMs: Math.round(takesMs),
    resourceArn: point.resourceArn,
    destinationRegion: route.to.region,
    destinationVaultArn: order.input.DestinationBackupVaultArn,
  });
  const isMade = ends !== 'FAILED' && times.startsAt < NEVER;
  const destinationArn = isMade ? pointArnOf(route.to, point.resourceType, 'copyjob', random) : null;
  return record(order, route, { ...jobBase(order, route), id, ...times, ends, message, destinationArn });
}

/** The stream of the next job of this account and Region. */
const randomFor = ({ world, account, region }: Place) =>
  world.random(`backup/copy/${account}/${region}/${copyJobs({ world, account, region }).all.length}`);

function endOf({ fault }: Order, route: Route): Pick<CopyJob, 'ends' | 'message'> {
  if (fault?.kind === 'fail') {
    return { ends: fault.code === 'PARTIAL' ? 'PARTIAL' : 'FAILED', message: fault.message ?? 'Internal failure' };
  }
  const refusal = copyRefusal(route);
  return refusal === undefined ? { ends: 'COMPLETED', message: null } : { ends: 'FAILED', message: refusal };
}

/** One that is stuck stays CREATED for so long, or for ever. */
function readyAt({ fault, call }: Order, usual: number): number {
  if (fault?.kind !== 'stuck') return usual;
  return fault.seconds === undefined ? NEVER : call.now + fault.seconds * 1000;
}

function jobBase({ call, input, parent }: Order, { from, to, vault, point, lifecycle }: Route) {
  return {
    createdAt: call.now,
    resourceArn: point.resourceArn,
    resourceType: point.resourceType,
    sizeBytes: point.sizeBytes,
    roleArn: input.IamRoleArn,
    sourceVaultArn: vaultArn(from, point.vault),
    sourceArn: point.arn,
    destinationVaultArn: input.DestinationBackupVaultArn,
    destinationRegion: to.region,
    destinationKeyArn: vault?.keyArn ?? null,
    lifecycle,
    createdBy: point.createdBy,
    isParent: point.isParent,
    parentJobId: parent?.job ?? null,
  };
}

function record(order: Order, route: Route, job: CopyJob): CopyJob {
  copyJobs(order.call).add(job);
  tellCopyJob(order.call, job);
  if (job.destinationArn !== null) makeCopy(order, route, job, job.destinationArn);
  return job;
}

/** The copy is there, CREATING, as soon as the job runs. */
function makeCopy(
  { parent, input }: Order,
  { to, vaultName, vault, point, lifecycle }: Route,
  job: CopyJob,
  arn: string,
): void {
  const { fullyManaged } = factsOf(point.resourceType, point.arn);
  const copy = points(to).add({
    ...point,
    arn,
    vault: vaultName,
    beganAt: job.startsAt,
    endsAt: job.endsAt,
    outcome: job.ends === 'PARTIAL' ? 'PARTIAL' : point.outcome,
    statusMessage: job.message,
    lifecycle,
    lifecycleSetAt: job.endsAt,
    keyArn: fullyManaged || point.keyArn !== null ? (vault?.keyArn ?? null) : null,
    sourceVaultArn: job.sourceVaultArn,
    parentArn: parent?.point ?? null,
    roleArn: input.IamRoleArn,
    undeletable: false,
    deletedAt: null,
    tags: { ...point.tags },
  });
  tellPoint(to, copy, copy.outcome, copy.endsAt);
}

/** Each nested point is a job of its own; their parent's lasts from the first to the last of them. */
function copyComposite(order: Order, route: Route): CopyJob {
  const { call } = order;
  const random = randomFor(call);
  const id = uuidFrom(random).toUpperCase();
  const arn = pointArnOf(route.to, route.point.resourceType, 'copyjob', random);
  const children = points(call)
    .group(`parent ${route.point.arn}`)
    .filter((child) => statusAt(call, child, call.now) === child.outcome)
    .map((child) => copyOne({ ...order, parent: { job: id, point: arn } }, { ...route, point: child }));
  const failed = children.filter(({ ends }) => ends !== 'COMPLETED').length;
  const ends = failed === 0 ? 'COMPLETED' : failed === children.length ? 'FAILED' : 'PARTIAL';
  const job = {
    ...jobBase(order, route),
    id,
    startsAt: Math.min(NEVER, ...children.map(({ startsAt }) => startsAt)),
    endsAt: Math.max(call.now, ...children.map(({ endsAt }) => endsAt)),
    ends,
    message: children.find(({ message }) => message !== null)?.message ?? null,
    destinationArn: ends === 'FAILED' ? null : arn,
  } as const;
  return record(order, route, job);
}

export const copyStartOperations = { StartCopyJob: startCopyJob };
