/** The copies that a rule wants of a recovery point: which copy jobs make them, and by which route. */
import { capabilityOf, type Capability } from './backup-types.ts';
import { isSameLifecycle, vaultArn } from './custody.ts';
import type { CustodyRule, Hop, Leg, LegRule, Lifecycle, PointFacts, PointRef, VaultRef } from './custody.ts';
import { targetName } from './target.ts';

const HOUR_MS = 3_600_000;

/** The legs of a custody that begins now. Their lifecycles are settled here: the original's may change before the end. */
export const legsOf = (rule: CustodyRule, facts: PointFacts, now: string): Leg[] =>
  rule.legs.map((leg) => ({
    rule: leg,
    deadlineAt: new Date(Date.parse(now) + leg.deadlineHours * HOUR_MS).toISOString(),
    hops: hopsOf(leg, facts),
    blocked: null,
    retrying: null,
    overdue: false,
    unwantedSince: null,
  }));

function hopsOf(leg: LegRule, facts: PointFacts): Hop[] {
  const { places } = routeOf(leg, facts);
  const lifecycle = leg.lifecycle ?? facts.lifecycle;
  return places.map((to, index) =>
    newHop(index === 0 ? facts.ref : null, to, index === places.length - 1 ? lifecycle : warm(lifecycle)),
  );
}

/** AWS copies nothing out of cold storage: what lies on the way stays out of it. */
const warm = (lifecycle: Lifecycle): Lifecycle => ({
  ...lifecycle,
  moveToColdStorageAfterDays: null,
  optInToArchive: false,
});

const newHop = (from: PointRef | null, to: VaultRef, lifecycle: Lifecycle): Hop => ({
  from,
  to,
  lifecycle,
  step: 'check',
  attempt: 1,
  jobId: null,
  jobState: null,
  startedAt: null,
  adopted: false,
  earlierJobs: [],
  endedAt: null,
  copyArn: null,
  verified: null,
  verifiedAt: null,
});

/** Whether a leg makes the copy that a rule asks for: the same way to the same place, and kept as long. */
export function serves(leg: Leg, wanted: LegRule, facts: PointFacts): boolean {
  const places = routeOf(wanted, facts).places.map(vaultArn).join(' ');
  if (leg.hops.map(({ to }) => vaultArn(to)).join(' ') !== places) return false;
  // As long as the original was kept when the custody began, which may have changed since.
  if (leg.rule.lifecycle === null && wanted.lifecycle === null) return true;
  const last = leg.hops.at(-1)?.lifecycle ?? facts.lifecycle;
  return isSameLifecycle(last, wanted.lifecycle ?? facts.lifecycle);
}

/** Those that the rule asks for. */
export const wantedLegs = (legs: readonly Leg[]): Leg[] => legs.filter(({ unwantedSince }) => unwantedSince === null);

export interface Route {
  /** Where copies come to lie, one a copy job; the last one is the destination. */
  readonly places: readonly VaultRef[];
  /** Why it is this way, for people. */
  readonly why: string;
  /** Why AWS cannot copy it there at all; null: it can, as far as is known. */
  readonly impossible: string | null;
}

/** The way of a copy: straight where AWS allows it for the type, otherwise by the destination's account in the source's Region. */
export function routeOf(leg: LegRule, facts: Pick<PointFacts, 'ref' | 'resourceType' | 'resourceArn'>): Route {
  const to = destinationOf(leg, facts.ref);
  const capability = capabilityOf(facts);
  const between: VaultRef = { account: to.account, region: facts.ref.region, vault: to.vault };
  const impossible = impossibleWay(facts, to, capability);
  if (between.account === facts.ref.account || between.region === to.region) {
    return { places: [to], why: 'one copy job, as only one of account and Region changes, or none', impossible };
  }
  if (leg.route === 'twoHop') {
    return {
      places: [between, to],
      why: `first ${targetName(between)}, then ${targetName(to)}, as the rule asks`,
      impossible,
    };
  }
  const atOnce = capability?.bothAtOnce;
  if (atOnce?.value === 'yes')
    return { places: [to], why: 'one copy job into the other account and Region', impossible };
  const said = atOnce?.value === 'no' ? 'does not copy' : 'is not known to copy';
  const why =
    `first ${targetName(between)}, then ${targetName(to)}: AWS Backup ${said} the type ${facts.resourceType} ` +
    `into another account and another Region by one job (${atOnce?.source ?? 'no source'}, ${atOnce?.date ?? 'no date'})`;
  return { places: [between, to], why, impossible };
}

/** Why AWS cannot copy it there, in one job or several; null: it can, as far as is known. */
export function impossibleWay(
  { ref, resourceType }: Pick<PointFacts, 'ref' | 'resourceType'>,
  to: VaultRef,
  can: Capability | null,
): string | null {
  if (vaultArn(ref) === vaultArn(to))
    return `it lies in the vault ${vaultArn(to)} already, and a copy goes into another one`;
  const cells = [
    { isDenied: to.account !== ref.account, cell: can?.crossAccount, where: 'into another account' },
    { isDenied: to.region !== ref.region, cell: can?.crossRegion, where: 'into another Region' },
  ].filter(({ cell }) => cell?.value === 'no');
  // AWS copies what can go neither way not even into another vault beside it.
  const denied =
    cells.length > 1 ? { cell: cells[0]?.cell, where: 'anywhere' } : cells.find(({ isDenied }) => isDenied);
  return denied?.cell
    ? `AWS Backup does not copy such recovery points of the type ${resourceType} ${denied.where} (${denied.cell.source}, ${denied.cell.date})`
    : null;
}

function destinationOf({ destination }: LegRule, ref: VaultRef): VaultRef {
  const { account, region, alternateRegion, vault } = destination;
  return {
    account,
    region: region === ref.region && alternateRegion !== null ? alternateRegion : region,
    vault: vault ?? ref.vault,
  };
}
