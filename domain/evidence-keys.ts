/** Where evidence, its index and the reports made of it lie below a policy's prefix in S3. */
import { sha256Hex } from './canonical-json.ts';
import type { PointRef, VaultRef } from './custody.ts';

/** A recovery point's place is its vault and the UTC day of its creation. */
export interface VaultDay {
  readonly vault: VaultRef;
  /** `2026-03-02` */
  readonly day: string;
}

export const dayOf = (iso: string): string => iso.slice(0, 10);
/** `2026-03` */
export const monthOf = (iso: string): string => iso.slice(0, 7);

/** That month and the one before: their points may be settled and gone before their vault is listed next. */
export function lastMonths(iso: string): readonly string[] {
  const [year, month] = monthOf(iso).split('-').map(Number) as [number, number];
  return [monthOf(iso), monthOf(new Date(Date.UTC(year, month - 2)).toISOString())];
}

/** ARNs hold colons and slashes, and may be long. */
export const folderOfPoint = (pointArn: string): string => sha256Hex(pointArn).slice(0, 32);

export const vaultDayOf = ({ account, region, vault }: PointRef, createdAt: string): VaultDay => ({
  vault: { account, region, vault },
  day: dayOf(createdAt),
});

const pathOf = ({ account, region, vault }: VaultRef): string => `${account}/${region}/${vault}/`;

/** Below it: accounts, Regions, vaults, days, points, versions. */
export const evidenceRoot = (prefix: string): string => `${prefix}evidence/`;
export const indexRoot = (prefix: string): string => `${prefix}index/`;

export const evidenceDayPrefix = (prefix: string, { vault, day }: VaultDay): string =>
  `${evidenceRoot(prefix)}${pathOf(vault)}${day}/`;

export const evidencePrefix = (prefix: string, at: VaultDay, pointArn: string): string =>
  `${evidenceDayPrefix(prefix, at)}${folderOfPoint(pointArn)}/`;

/** `0001.json`: so names sort as their numbers do, as far as chains are long. */
export const evidenceVersionName = (version: number): string => `${String(version).padStart(4, '0')}.json`;

/** Undefined: no version's name. */
export function versionOf(key: string): number | undefined {
  const [, digits] = /\/(\d{4,})\.json$/.exec(key) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

export const evidenceKey = (prefix: string, at: VaultDay, pointArn: string, version: number): string =>
  `${evidencePrefix(prefix, at, pointArn)}${evidenceVersionName(version)}`;

export const indexVaultPrefix = (prefix: string, vault: VaultRef): string => `${indexRoot(prefix)}${pathOf(vault)}`;
export const indexKey = (prefix: string, { vault, day }: VaultDay): string =>
  `${indexVaultPrefix(prefix, vault)}${day}.json`;

/** Copies out of a vault that are missing where they were verified: an object for each vault of copies. */
export const missingCopiesFolder = (prefix: string, from: VaultRef): string =>
  `${prefix}missing-copies/${pathOf(from)}`;
export const missingCopiesKey = (prefix: string, from: VaultRef, { account, region, vault }: VaultRef): string =>
  `${missingCopiesFolder(prefix, from)}${account}-${region}-${vault}.json`;

/** Without its ending: `.csv` and `.json`. */
export const monthReportStem = (prefix: string, vault: VaultRef, month: string): string =>
  `${prefix}reports/${pathOf(vault)}${month}`;
