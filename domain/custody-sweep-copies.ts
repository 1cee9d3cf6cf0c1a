/** The vaults with copies of settled points: which there are, which are to be listed, and what came of that. */
import {
  addOdd,
  DAY,
  NOTHING_IN_VAULT,
  vaultName,
  type CopiesFound,
  type CopyVault,
  type Sweep,
} from './custody-sweep.ts';

/** Whether the index is to be gone through for vaults with copies. */
export function areCopyVaultsDue({ before: memory, beganAt }: Sweep, days: number): boolean {
  const at = memory.copiesFoundAt;
  return at === null || Date.parse(beganAt) - Date.parse(at) >= days * DAY;
}

export function knowCopyVaults(sweep: Sweep, found: readonly Pick<CopyVault, 'vault' | 'from'>[]): void {
  const before = sweep.memory.copyVaults;
  const copyVaults = found.map(({ vault, from }) => {
    const { listedAt = null, counts = NOTHING_IN_VAULT } = before[vaultName(vault)] ?? {};
    return [vaultName(vault), { vault, from, listedAt, counts }] as const;
  });
  const copiesFoundAt = sweep.beganAt;
  sweep.memory = { ...sweep.memory, copiesFoundAt, copyVaults: Object.fromEntries(copyVaults) };
}

/** Those that were not listed for so many days; 0: all. */
export const dueCopyVaults = ({ memory, beganAt }: Sweep, days: number): CopyVault[] =>
  Object.values(memory.copyVaults).filter(
    ({ listedAt }) => listedAt === null || Date.parse(beganAt) - Date.parse(listedAt) >= days * DAY,
  );

export function rememberCopies(
  sweep: Sweep,
  { vault, from }: Pick<CopyVault, 'vault' | 'from'>,
  found: CopiesFound,
): void {
  const counts = { ...NOTHING_IN_VAULT, ...found.counts };
  const known: CopyVault = { vault, from, listedAt: sweep.beganAt, counts };
  sweep.memory = { ...sweep.memory, copyVaults: { ...sweep.memory.copyVaults, [vaultName(vault)]: known } };
  addOdd(sweep, found.odd);
}
