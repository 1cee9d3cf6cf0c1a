/** What a check of evidence is asked, and what it finds. */
import type { VaultRef } from './custody.ts';
import type { EvidencePlace } from './evidence.ts';

/** Each null: all there are. */
export interface EvidenceScope {
  readonly account: string | null;
  readonly region: string | null;
  readonly vault: string | null;
  /** Of the points' creation: `2026-03`. */
  readonly month: string | null;
  /** One recovery point only. */
  readonly pointArn: string | null;
}

export interface EvidenceProblem {
  readonly kind:
    /** A version, or a whole chain, is not there. */
    | 'missing'
    /** A version is not what was written. */
    | 'changed'
    /** An object is no document of its place. */
    | 'invalid'
    /** The point is settled by its evidence, and the index does not know. */
    | 'unindexed'
    /** Index and evidence say different things. */
    | 'differs'
    /** The chain has no end, and no custody works on one. */
    | 'unfinished';
  readonly key: string;
  readonly pointArn: string | null;
  /** What is wrong, and what to do. */
  readonly message: string;
}

/** One version of a chain that was asked for by its point. */
export interface EvidenceVersion {
  readonly key: string;
  readonly version: number;
  readonly writtenAt: string | null;
  readonly phase: string | null;
  readonly outcome: string | null;
  readonly sha256: string;
}

/** A vault and days in it; many days take less room so. */
export interface VaultDays {
  readonly vault: VaultRef;
  readonly days: readonly string[];
}

export interface EvidenceCounts {
  /** Recovery points that have evidence. */
  readonly points: number;
  readonly versions: number;
  /** Entries of the index. */
  readonly entries: number;
  /** Points whose custody goes on. */
  readonly open: number;
}

export const NO_COUNTS: EvidenceCounts = { points: 0, versions: 0, entries: 0, open: 0 };

export const addCounts = (a: EvidenceCounts, b: EvidenceCounts): EvidenceCounts => ({
  points: a.points + b.points,
  versions: a.versions + b.versions,
  entries: a.entries + b.entries,
  open: a.open + b.open,
});

export interface EvidenceCheckInput {
  readonly evidence: EvidencePlace;
  readonly scope: EvidenceScope;
}

export interface EvidenceCheckResult extends EvidenceCounts {
  /** Vaults' days that were looked at. */
  readonly days: number;
  /** Records of restore tests. */
  readonly restoreTests: number;
  /** How many there are; the first of them are in `problems`. */
  readonly problemCount: number;
  readonly problems: readonly EvidenceProblem[];
  /** Of the one point that was asked for; otherwise empty. */
  readonly chain: readonly EvidenceVersion[];
}

/** What may run at the same time is told apart by the command that starts it. */
export const evidenceCheckId = (policy: string): string => `custody-evidence-check/${policy}`;
export const custodyReportId = (policy: string): string => `custody-report/${policy}`;

/** What Temporal knows of a custody. */
export interface CustodyAnswer {
  readonly running: boolean;
  /** The last version that it has written; null: it does not say. */
  readonly evidence: { readonly versions: number; readonly sha256: string | null } | null;
}
