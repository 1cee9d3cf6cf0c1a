/** One lock per WorkSpace across all capabilities, so that two of them never meet on one desktop. */
import type { Target } from './target.ts';

export const workspaceLocksId = (target: Target): string => `workspace-locks/${target.account}/${target.region}`;

export const EXCHANGE_LOCKS = 'exchangeLocks';

export interface LockExchange {
  /** The workflow id of who asks. */
  readonly holder: string;
  /** Ids whose locks the holder gives back; those it does not hold are passed over. */
  readonly release: readonly string[];
  /** Ids whose locks it wants; one that it holds already is granted again. */
  readonly acquire: readonly string[];
  /** Holders that were found not to exist any more: all their locks are free. */
  readonly evict: readonly string[];
}

export interface LockAnswer {
  readonly granted: readonly string[];
  readonly refused: readonly { readonly workspaceId: string; readonly holder: string }[];
}
