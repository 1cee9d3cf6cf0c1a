/** The WorkSpaces that an upgrade changed, from its report in CSV or JSON: those one would want back after a bad one. */
import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { changedByUpgrade } from '../domain/fleet-restore.ts';

/** For commander. */
export function idsOfReport(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new InvalidArgumentError(`it cannot be read: ${(error as Error).message}`);
  }
  const ids = changedByUpgrade(text.trimStart().startsWith('{') ? fromJson(text) : fromCsv(text));
  const wrong = ids.find((id) => !/^ws-[0-9a-z]{8,63}$/.test(id));
  if (wrong !== undefined) throw new InvalidArgumentError(`${JSON.stringify(wrong)} in it is no WorkSpace id`);
  if (ids.length === 0) throw new InvalidArgumentError('it names no WorkSpace that was rebuilt or migrated');
  return [...new Set(ids)];
}

type Rows = Parameters<typeof changedByUpgrade>[0];
interface RawRow {
  readonly workspaceId?: string;
  readonly outcome?: string | null;
  readonly newWorkspaceId?: string | null;
}

function fromJson(text: string): Rows {
  let report: { readonly workspaces?: readonly RawRow[] };
  try {
    report = JSON.parse(text) as typeof report;
  } catch (error) {
    throw new InvalidArgumentError(`it is no JSON: ${(error as Error).message}`);
  }
  return (report.workspaces ?? []).map(({ workspaceId = '', outcome, newWorkspaceId = null }) => {
    return { workspaceId, outcome: outcome ?? '', newWorkspaceId };
  });
}

function fromCsv(text: string): Rows {
  const [names = [], ...lines] = records(text);
  const [id, outcome, fresh] = ['WorkspaceId', 'Outcome', 'NewWorkspaceId'].map((name) => names.indexOf(name));
  if (id === undefined || id < 0 || outcome === undefined || outcome < 0) {
    throw new InvalidArgumentError('it is no report of an upgrade: it has no columns WorkspaceId and Outcome');
  }
  return lines.map((cells) => ({
    workspaceId: cells[id] ?? '',
    outcome: cells[outcome] ?? '',
    newWorkspaceId: cells[fresh ?? -1] || null,
  }));
}

/** RFC 4180: cells in quotes may hold commas and line ends. */
function records(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  for (const [, quoted, bare = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    line.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    if (line.some((cell) => cell !== '')) lines.push(line);
    line = [];
  }
  return lines;
}
