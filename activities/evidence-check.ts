/** Reads evidence and its index, and says where they are not whole. Nothing is changed. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { S3Client } from '@aws-sdk/client-s3';
import { custodyId, type CustodyState } from '../domain/custody.ts';
import {
  addCounts,
  NO_COUNTS,
  type CustodyAnswer,
  type EvidenceCheckInput,
  type EvidenceCounts,
  type EvidenceProblem,
  type EvidenceScope,
  type EvidenceVersion,
  type VaultDays,
} from '../domain/evidence-check.ts';
import {
  evidenceDayPrefix,
  evidenceRoot,
  folderOfPoint,
  indexRoot,
  indexVaultPrefix,
  type VaultDay,
} from '../domain/evidence-keys.ts';
import { hasEvidence, type EvidencePlace, type IndexEntry } from '../domain/evidence.ts';
import { judgeChain, judgeOpen, type JudgedChain, type ReadChain } from '../report/evidence-chain.ts';
import { alive } from './alive.ts';
import { readIndex } from './evidence-index.ts';
import { foldersBelow, forAll, keysBelow, readObject } from './evidence-store.ts';
import { call } from './failure.ts';
import type { ReportDeps } from './report.ts';
import { calling, type RunsDeps } from './runs.ts';

/** Points of one call: a few thousand reads. */
const MOST_POINTS = 500;

/** Where a check goes on: in a day, behind a folder. */
export interface EvidencePosition {
  readonly day: number;
  readonly after: string | null;
}

export interface EvidencePage extends EvidenceCounts {
  readonly problems: readonly EvidenceProblem[];
  readonly chain: readonly EvidenceVersion[];
  /** Null: all days are checked. */
  readonly next: EvidencePosition | null;
}

export const createEvidenceCheckActivities = ({ s3For, client }: ReportDeps & RunsDeps) => ({
  /** The days of vaults of which there is evidence, or an index. @iam s3:ListBucket */
  async evidenceDays({ evidence, scope }: EvidenceCheckInput): Promise<readonly VaultDays[]> {
    const { target, place } = evidence;
    return await call({ target, action: 's3:ListBucket', resource: place.bucket }, () =>
      alive(() => daysOf(s3For(target), evidence, scope)),
    );
  },

  /** Checks the next points, at the least one day's or so many. @iam s3:ListBucket s3:GetObject kms:Decrypt */
  async checkEvidence(input: {
    readonly evidence: EvidencePlace;
    readonly days: readonly VaultDay[];
    readonly from: EvidencePosition;
    readonly pointArn: string | null;
  }): Promise<EvidencePage> {
    const { evidence, days, from, pointArn } = input;
    const { target, place } = evidence;
    const reader = { s3: s3For(target), client, evidence };
    return await call({ target, action: 's3:GetObject', resource: place.bucket }, () =>
      alive(async () => {
        const found: Found = { counts: NO_COUNTS, problems: [], chain: [] };
        let at: EvidencePosition | null = from;
        while (at && found.counts.points < MOST_POINTS) at = await checkNext(reader, days, at, pointArn, found);
        return { ...found.counts, problems: found.problems, chain: found.chain, next: at };
      }),
    );
  },
});

interface Found {
  counts: EvidenceCounts;
  readonly problems: EvidenceProblem[];
  readonly chain: EvidenceVersion[];
}

interface Reader {
  readonly s3: S3Client;
  readonly client: Client;
  readonly evidence: EvidencePlace;
}

async function daysOf(s3: S3Client, evidence: EvidencePlace, scope: EvidenceScope): Promise<VaultDays[]> {
  const { prefix } = evidence.place;
  const days = new Map<string, Set<string>>();
  const add = (path: string, day: string): void => void days.set(path, (days.get(path) ?? new Set()).add(day));
  const month = scope.month ?? '';
  for (const path of await vaultPaths(s3, evidence, evidenceRoot(prefix), scope)) {
    for (const day of await foldersBelow(s3, evidence, `${evidenceRoot(prefix)}${path}`, month)) add(path, day);
  }
  for (const path of await vaultPaths(s3, evidence, indexRoot(prefix), scope)) {
    const folder = `${indexRoot(prefix)}${path}`;
    for await (const key of keysBelow(s3, evidence, `${folder}${month}`)) add(path, key.slice(folder.length, -5));
  }
  return [...days]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, its]) => {
      const [account = '', region = '', vault = ''] = path.split('/');
      return { vault: { account, region, vault }, days: [...its].toSorted() };
    });
}

/** `<account>/<region>/<vault>/` of all that are there and asked for. */
export async function vaultPaths(
  s3: S3Client,
  evidence: EvidencePlace,
  root: string,
  { account, region, vault }: EvidenceScope,
): Promise<string[]> {
  let paths = [''];
  for (const wanted of [account, region, vault]) {
    const below = await forAll(paths, async (path) => {
      const names = wanted === null ? await foldersBelow(s3, evidence, `${root}${path}`) : [wanted];
      return names.map((name) => `${path}${name}/`);
    });
    paths = below.flat();
  }
  return paths;
}

/** The next points of one day. @returns where it goes on; null: nowhere */
async function checkNext(
  reader: Reader,
  days: readonly VaultDay[],
  { day: index, after }: EvidencePosition,
  pointArn: string | null,
  found: Found,
): Promise<EvidencePosition | null> {
  const day = days[index];
  if (!day) return null;
  const only = pointArn === null ? null : folderOfPoint(pointArn);
  const entries = await indexOf(reader, day, found);
  const { folders, isLast } = await nextFolders(reader, day, after, only);
  const last = isLast ? null : (folders.at(-1)?.name ?? null);
  const inRange = (name: string): boolean => (after === null || name > after) && (last === null || name <= last);
  const named = [...entries.keys()].filter((name) => inRange(name) && (only === null || name === only));
  found.counts = addCounts(found.counts, { ...NO_COUNTS, entries: named.length });
  const known = new Set(folders.map(({ name }) => name));
  const gone = named
    .filter((name) => !known.has(name) && isToHaveEvidence(entries.get(name)))
    .map((name) => ({ name, keys: [] }));
  let later: ReturnType<typeof indexOf> | undefined;
  const indexNow = () => (later ??= indexOf(reader, day, null));
  const judged = await forAll([...folders, ...gone], (folder) =>
    checkPoint(reader, day, folder, { entries, indexNow }),
  );
  for (const each of judged) add(found, each, pointArn !== null);
  return last === null ? { day: index + 1, after: null } : { day: index, after: last };
}

function add(found: Found, { judged, isOpen }: CheckedPoint, withChain: boolean): void {
  const { versions, problems } = judged;
  const isThere = versions.length > 0;
  found.counts = addCounts(found.counts, {
    points: isThere ? 1 : 0,
    versions: versions.length,
    entries: 0,
    open: isOpen ? 1 : 0,
  });
  found.problems.push(...problems);
  if (withChain) found.chain.push(...versions);
}

type Index = ReadonlyMap<string, IndexEntry>;

/** The index by the folders of its points. One that cannot be read is a problem of its own. */
async function indexOf({ s3, evidence }: Reader, day: VaultDay, found: Pick<Found, 'problems'> | null): Promise<Index> {
  try {
    const entries = await readIndex(s3, evidence, day);
    return new Map(entries.map((entry) => [folderOfPoint(entry.pointArn), entry]));
  } catch (error) {
    if ((error as { type?: string }).type !== 'SafetyRefused') throw error;
    const key = `${indexVaultPrefix(evidence.place.prefix, day.vault)}${day.day}.json`;
    found?.problems.push({ kind: 'invalid', key, pointArn: null, message: (error as Error).message });
    return new Map();
  }
}

interface Folder {
  readonly name: string;
  readonly keys: string[];
}

/** @param only the name of the one that is asked for */
async function nextFolders(
  { s3, evidence }: Reader,
  day: VaultDay,
  after: string | null,
  only: string | null,
): Promise<{ readonly folders: readonly Folder[]; readonly isLast: boolean }> {
  const root = evidenceDayPrefix(evidence.place.prefix, day);
  const folders = new Map<string, Folder>();
  // Behind all keys of that folder.
  const start = after === null ? null : `${root}${after}/~`;
  for await (const key of keysBelow(s3, evidence, only === null ? root : `${root}${only}/`, start)) {
    const [name = ''] = key.slice(root.length).split('/');
    if (!folders.has(name) && folders.size >= MOST_POINTS) return { folders: [...folders.values()], isLast: false };
    const folder = folders.get(name) ?? { name, keys: [] };
    folder.keys.push(key);
    folders.set(name, folder);
  }
  return { folders: [...folders.values()], isLast: true };
}

interface CheckedPoint {
  readonly judged: JudgedChain;
  /** Its custody goes on. */
  readonly isOpen: boolean;
}

async function checkPoint(
  reader: Reader,
  day: VaultDay,
  folder: Folder,
  { entries, indexNow }: { readonly entries: Index; readonly indexNow: () => Promise<Index> },
): Promise<CheckedPoint> {
  const judged = judgeChain(await readChain(reader, day, folder, entries));
  if (!isOpen(judged, entries.get(folder.name))) return { judged, isOpen: false };
  const answer = await askCustody(reader.client, judged.pointArn);
  if (answer.running && judgeOpen(judged, answer).length === 0) return { judged, isOpen: true };
  // It may have gone on since it was read.
  const { folders } = await nextFolders(reader, day, null, folder.name);
  const later = await indexNow();
  const again = judgeChain(await readChain(reader, day, folders[0] ?? folder, later));
  if (!isOpen(again, later.get(folder.name))) return { judged: again, isOpen: false };
  const problems = judgeOpen(again, await askCustody(reader.client, again.pointArn));
  return { judged: { ...again, problems: [...again.problems, ...problems] }, isOpen: answer.running };
}

const isToHaveEvidence = (entry: IndexEntry | undefined): boolean =>
  entry !== undefined && (entry.evidence !== null || hasEvidence(entry));

/** The index does not know it, or not all of it. */
function isOpen({ versions }: JudgedChain, entry: IndexEntry | undefined): boolean {
  const last = versions.at(-1)?.version ?? 0;
  return last > 0 && (entry === undefined || (entry.evidence !== null && last > entry.evidence.versions));
}

async function readChain(
  { s3, evidence }: Reader,
  { vault, day }: VaultDay,
  { name, keys }: Folder,
  entries: Index,
): Promise<ReadChain> {
  const read = await Promise.all(
    keys.map(async (key) => ({ key, bytes: (await readObject(s3, evidence, key))?.bytes ?? null })),
  );
  const versions = read.flatMap(({ key, bytes }) => (bytes ? { key, bytes } : []));
  return { vault, day, folder: name, versions, entry: entries.get(name) };
}

const NOT_RUNNING: CustodyAnswer = { running: false, evidence: null };

async function askCustody(client: Client, pointArn: string | null): Promise<CustodyAnswer> {
  if (pointArn === null) return NOT_RUNNING;
  const handle = client.workflow.getHandle(custodyId(pointArn));
  return await calling('describe a custody', async () => {
    try {
      if ((await handle.describe()).status.name !== 'RUNNING') return NOT_RUNNING;
      // One whose task fails at present cannot be asked: what it has written is not known then.
      const state = await handle.query<CustodyState>('status').catch(() => null);
      return { running: true, evidence: state?.evidence ?? null };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return NOT_RUNNING;
      throw error;
    }
  });
}
