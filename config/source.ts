/** The text of `holdfast.yaml` as data, with the place of each value in it. */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { shown } from '../domain/field-rules.ts';
import type { Complaint, Path, Problem } from './problem.ts';
import { pathText } from './problem.ts';

export interface Source {
  readonly data: unknown;
  /** What keeps it from being read; with one that is `fatal` the data say nothing. */
  readonly problems: readonly Problem[];
  readonly isFatal: boolean;
  /** @param on a value, or the name in front of it */
  problemAt(path: Path, complaint: Complaint, on?: 'name' | 'value'): Problem;
  /** The value as it is written, without quotes; undefined: it is no single value. */
  writtenAt(path: Path): string | undefined;
}

export function readSource(file: string, text: string): Source {
  const lines = new LineCounter();
  // Plain messages: the place of each is told in one way for all.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const found = [...document.errors, ...document.warnings];
  const isFatal = document.errors.some(({ code }) => code !== 'DUPLICATE_KEY');
  const { data, broken } = isFatal ? { data: null, broken: null } : dataOf(document);

  const problem = (offset: number, path: Path, { message, allowed = null }: Complaint): Problem => {
    const { line, col } = lines.linePos(offset);
    const value = valueAt(data, path) ?? null;
    return { file, line: Math.max(1, line), column: Math.max(1, col), path: pathText(path), message, value, allowed };
  };
  const problems = found.map(({ code, message, pos: [offset] }) =>
    problem(offset, [], { message: code === 'DUPLICATE_KEY' ? duplicateText(text, offset) : `${message} (YAML)` }),
  );
  if (broken !== null) problems.push(problem(0, [], { message: broken }));
  return {
    data,
    problems,
    isFatal: isFatal || broken !== null,
    problemAt: (path, complaint, on = 'value') => problem(offsetOf(document, path, on), path, complaint),
    writtenAt: (path) => {
      const { value } = find(document, path);
      return isScalar(value) ? value.source : undefined;
    },
  };
}

/** Aliases that nothing stands behind, or that would fill the memory, show only here. */
function dataOf(document: Document): { data: unknown; broken: string | null } {
  try {
    return { data: document.toJS(), broken: null };
  } catch (error) {
    return { data: null, broken: (error as Error).message };
  }
}

const duplicateText = (text: string, offset: number): string =>
  `${shown(/^[^:\s]*/.exec(text.slice(offset))?.[0] ?? '')} is given twice: give it once`;

interface Found {
  /** Null: there is none. */
  readonly name: Node | null;
  readonly value: Node | null;
  /** It is not there: this is the nearest around it. */
  readonly isAround?: boolean;
}

function find(document: Document, path: Path): Found {
  let found: Found = { name: null, value: document.contents };
  for (const part of path) {
    const inner = step(document, found.value, part);
    if (inner === null) return { ...found, isAround: true };
    found = inner;
  }
  return found;
}

function step(document: Document, outer: Node | null, part: string | number): Found | null {
  const node = isAlias(outer) ? (outer.resolve(document) ?? null) : outer;
  if (isSeq(node)) {
    const item = node.items[Number(part)];
    return isNode(item) ? { name: null, value: item } : null;
  }
  const pair = isMap(node)
    ? node.items.findLast(({ key }) => String(isScalar(key) ? key.value : key) === String(part))
    : undefined;
  return pair ? { name: isNode(pair.key) ? pair.key : null, value: isNode(pair.value) ? pair.value : null } : null;
}

function offsetOf(document: Document, path: Path, on: 'name' | 'value'): number {
  const { name, value, isAround } = find(document, path);
  const node = on === 'name' || isAround ? (name ?? value) : (value ?? name);
  return node?.range?.[0] ?? 0;
}

/** The value at a path of plain data; undefined: none. */
export function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
