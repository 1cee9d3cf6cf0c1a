/** Whether the versions of one point's evidence are a whole chain, and say what the index says. */
import { canonicalJson } from '../domain/canonical-json.ts';
import { entryFacts } from '../domain/evidence-entry.ts';
import { folderOfPoint, vaultDayOf, versionOf, type VaultDay } from '../domain/evidence-keys.ts';
import { hasEvidence, type EvidenceDocument, type IndexEntry } from '../domain/evidence.ts';
import type { CustodyAnswer, EvidenceProblem, EvidenceVersion } from '../domain/evidence-check.ts';
import { evidenceSchema } from './evidence-schema.ts';
import { sha256Of } from './evidence.ts';

export interface ReadVersion {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** What lies in one folder, and what else is known of its point. */
export interface ReadChain extends VaultDay {
  /** The name of the folder. */
  readonly folder: string;
  readonly versions: readonly ReadVersion[];
  readonly entry: IndexEntry | undefined;
}

export interface JudgedChain {
  readonly pointArn: string | null;
  readonly versions: readonly EvidenceVersion[];
  /** The custody has come to its end, by its last document. */
  readonly isSettled: boolean;
  readonly problems: readonly EvidenceProblem[];
}

interface Link extends EvidenceVersion {
  readonly document: EvidenceDocument | null;
}

/** What a chain is made of. */
export interface ChainLink {
  readonly key: string;
  readonly version: number;
  readonly sha256: string;
  readonly document: { readonly previousSha256: string | null } | null;
}

export function judgeChain(chain: ReadChain): JudgedChain {
  const problems: EvidenceProblem[] = [];
  const pointArn = chain.entry?.pointArn ?? null;
  const links = chain.versions.flatMap((version) => linkOf(chain, version, problems) ?? []);
  links.sort((a, b) => a.version - b.version);
  const arn = links.find(({ document }) => document)?.document?.point.arn ?? pointArn;
  judgeLinks(links, problems);
  if (chain.entry) judgeEntry(chain.entry, links, problems);
  const last = links.at(-1)?.document?.state;
  return {
    pointArn: arn,
    versions: links.map(({ document: _document, ...version }) => version),
    isSettled: (last?.outcome ?? null) !== null,
    problems: problems.map((problem) => ({ ...problem, pointArn: problem.pointArn ?? arn })),
  };
}

export const complain = (
  problems: EvidenceProblem[],
  kind: EvidenceProblem['kind'],
  key: string,
  message: string,
): void => void problems.push({ kind, key, pointArn: null, message });

/** Undefined: its name is not a version's. */
function linkOf(chain: ReadChain, { key, bytes }: ReadVersion, problems: EvidenceProblem[]): Link | undefined {
  const version = versionOf(key);
  if (version === undefined) {
    complain(problems, 'invalid', key, 'is no version of evidence: see who put it there, and move it away');
    return undefined;
  }
  const document = readDocument(bytes, key, problems);
  if (document) judgePlace(chain, version, document, key, problems);
  const { writtenAt = null, state } = document ?? {};
  const [phase, outcome] = [state?.phase ?? null, state?.outcome ?? null];
  return { key, version, writtenAt, phase, outcome, sha256: sha256Of(bytes), document };
}

function readDocument(bytes: Uint8Array, key: string, problems: EvidenceProblem[]): EvidenceDocument | null {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    complain(problems, 'invalid', key, 'is not JSON: bring back the version that Holdfast wrote');
    return null;
  }
  const read = evidenceSchema.safeParse(json);
  if (read.success) return read.data;
  const [first] = read.error.issues;
  const where = first?.path.join('.') ?? '';
  complain(problems, 'invalid', key, `does not fit its schema: ${where}: ${first?.message ?? ''}`);
  return null;
}

/** A document that is moved elsewhere proves nothing there. */
function judgePlace(
  { vault, day, folder }: ReadChain,
  version: number,
  { point, state, version: own }: EvidenceDocument,
  key: string,
  problems: EvidenceProblem[],
): void {
  const lies = { vault, day, folder, version };
  const is = { ...vaultDayOf(point, state.point?.createdAt ?? ''), folder: folderOfPoint(point.arn), version: own };
  if (canonicalJson(lies) === canonicalJson(is)) return;
  const place = `${point.account}/${point.region}/${point.vault}/${is.day}`;
  complain(problems, 'invalid', key, `is version ${own} of ${point.arn} in ${place}: it does not belong here`);
}

/** @param links in the order of their versions */
export function judgeLinks(links: readonly ChainLink[], problems: EvidenceProblem[]): void {
  let before: ChainLink | undefined;
  for (const link of links) {
    const expected = (before?.version ?? 0) + 1;
    if (link.version !== expected) {
      const which =
        link.version - expected === 1 ? `version ${expected}` : `versions ${expected} to ${link.version - 1}`;
      complain(problems, 'missing', link.key, `follows on ${which}, which somebody has removed`);
    } else if (link.document && link.document.previousSha256 !== (before?.sha256 ?? null)) {
      const [key, now] = before ? [before.key, before.sha256] : [link.key, 'nothing'];
      const then = link.document.previousSha256 ?? 'nothing';
      const message = `was changed after version ${link.version} was written: SHA-256 then ${then}, now ${now}`;
      complain(problems, 'changed', key, message);
    }
    before = link;
  }
}

function judgeEntry(entry: IndexEntry, links: readonly Link[], problems: EvidenceProblem[]): void {
  const { evidence, outcome, pointArn } = entry;
  if (!evidence) {
    const last = links.at(-1);
    const message = `is in the index as ${outcome} without evidence, and ${last ? `has ${links.length} versions` : 'must have some'}`;
    if (last || hasEvidence(entry)) complain(problems, 'differs', last?.key ?? pointArn, message);
    return;
  }
  const { key, versions, sha256 } = evidence;
  const link = links.find(({ version }) => version === versions);
  if (!link) {
    complain(problems, 'missing', key, 'is named by the index, and is not there: somebody has removed it');
  } else if (link.sha256 !== sha256) {
    complain(problems, 'changed', key, `is not what the index names: SHA-256 there ${sha256}, here ${link.sha256}`);
  } else if (link.document) {
    judgeFacts(entry, link.document, key, problems);
  }
}

function judgeFacts(entry: IndexEntry, document: EvidenceDocument, key: string, problems: EvidenceProblem[]): void {
  const facts = entryFacts(document.state);
  const fields = Object.keys(facts ?? {}) as (keyof NonNullable<typeof facts>)[];
  const other = fields.filter((field) => canonicalJson(facts?.[field]) !== canonicalJson(entry[field]));
  if (facts && other.length === 0) return;
  const said = other.map(
    (field) => `${field} ${canonicalJson(entry[field])} (evidence: ${canonicalJson(facts?.[field])})`,
  );
  complain(problems, 'differs', key, `says another thing than the index: ${said.join(', ') || 'it has no outcome'}`);
}

/** Of a chain that the index does not know yet, or that has grown since: what Temporal says of its custody. */
export function judgeOpen(judged: JudgedChain, { running, evidence }: CustodyAnswer): readonly EvidenceProblem[] {
  const { pointArn, versions, isSettled } = judged;
  const [key, problems] = [versions.at(-1)?.key ?? '', [] as EvidenceProblem[]];
  if (!running && isSettled) {
    const message =
      'ends the custody, and the index does not know it: the next sweep begins a custody anew, if AWS still has the point';
    complain(problems, 'unindexed', key, message);
  } else if (!running) {
    const message = 'is no end, and no custody goes on: the next sweep begins one anew, if AWS still has the point';
    complain(problems, 'unfinished', key, message);
  }
  const known = versions.find(({ version }) => version === evidence?.versions);
  if (evidence && evidence.versions > 0 && !known) {
    complain(
      problems,
      'missing',
      key,
      `is followed by version ${evidence.versions} by its custody, which is not there`,
    );
  } else if (evidence && known && known.sha256 !== evidence.sha256) {
    const message = `is not what its custody has written: SHA-256 there ${evidence.sha256 ?? ''}, here ${known.sha256}`;
    complain(problems, 'changed', known.key, message);
  }
  return problems.map((problem) => ({ ...problem, pointArn }));
}
