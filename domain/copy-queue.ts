/**
 * Who may copy now: AWS runs so many copy jobs at once out of an account's Region to one Region, beyond them so many to
 * one vault, and one job at a time for a resource. One workflow per account, Region and destination Region keeps the order.
 */
import type { Target } from './target.ts';

export const copyQueueId = (source: Target, destinationRegion: string): string =>
  `copy-queue/${source.account}/${source.region}/${destinationRegion}`;

export const ASK_FOR_COPY = 'askForCopy';
export const GIVE_BACK_COPY = 'giveBackCopy';

export interface CopyAsk {
  /** The workflow that is told when its turn has come. */
  readonly holder: string;
  readonly destinationVaultArn: string;
  /** The recovery point that is copied, and its resource. */
  readonly pointArn: string;
  readonly resourceArn: string;
}

export interface CopyQueueLimits {
  readonly perRegion: number;
  readonly perVault: number;
}

/** Asks again and again change nothing: who waits keeps its place, who has its turn is told so once more. */
export interface CopyQueueInput {
  readonly source: Target;
  readonly destinationRegion: string;
  readonly limits: CopyQueueLimits;
}
