/** One object of the index: the settled points of a vault that were created on one day, a line each. */
import { canonicalJson } from '../domain/canonical-json.ts';
import type { IndexEntry } from '../domain/evidence.ts';
import type { VaultDay } from '../domain/evidence-keys.ts';

const INDEX_SCHEMA = 'https://holdfast.invalid/schemas/evidence-index-1.json';

export function indexText({ vault, day }: VaultDay, entries: readonly IndexEntry[]): string {
  const lines = entries.map((entry) => canonicalJson(entry));
  const head = canonicalJson({ day, schema: INDEX_SCHEMA, vault }).slice(0, -1);
  return `${head},"entries":[\n${lines.join(',\n')}\n]}\n`;
}

/** Undefined: it is no index. */
export function parseIndex(text: string): readonly IndexEntry[] | undefined {
  try {
    const { schema, entries } = JSON.parse(text) as { readonly schema?: string; readonly entries?: IndexEntry[] };
    return schema === INDEX_SCHEMA && Array.isArray(entries) ? entries : undefined;
  } catch {
    return undefined;
  }
}

/** One entry a point, by ARN: that of the custody that closed last. */
export function mergeEntries(present: readonly IndexEntry[], added: readonly IndexEntry[]): readonly IndexEntry[] {
  const byArn = new Map(present.map((entry) => [entry.pointArn, entry]));
  for (const entry of added) {
    const known = byArn.get(entry.pointArn);
    if (!known || known.closedAt <= entry.closedAt) byArn.set(entry.pointArn, entry);
  }
  return [...byArn.values()].toSorted((a, b) => (a.pointArn < b.pointArn ? -1 : a.pointArn > b.pointArn ? 1 : 0));
}
