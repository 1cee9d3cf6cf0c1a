import { isBuiltin } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';
import { crossesCapabilities, house, type Row } from '../house.ts';
import type { Context, Rule } from './rule.ts';

interface Import {
  readonly source: { readonly value?: unknown } | null;
  readonly importKind?: string;
  readonly exportKind?: string;
  readonly specifiers?: readonly Specifier[];
}

interface Specifier {
  readonly imported?: { readonly name?: string };
}

const root = resolve(import.meta.dirname, '../../..');
const fromRoot = (path: string): string => relative(root, path).split(sep).join('/');

/** Holds the import table of `house.ts`, at any depth and for `import()` too. */
export const imports: Rule = {
  meta: { type: 'problem', docs: { description: 'each folder imports only what the import table gives it' } },
  create(context) {
    const from = fromRoot(context.filename);
    const row = house.find(({ files }) => files.test(from));
    if (row === undefined) return {};
    const check = (node: Import): void => checkImport(context, row, from, node);
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: (node: Import) => check({ ...node, importKind: 'type' }),
    };
  },
};

function checkImport(context: Context, row: Row, from: string, node: Import): void {
  const specifier = node.source?.value;
  if (typeof specifier !== 'string') return;
  // `import { type A }` is no type import: the module is still loaded for its effects.
  const asType = (node.importKind ?? node.exportKind) === 'type';
  const problem = specifier.startsWith('.')
    ? pathProblem(row, from, fromRoot(resolve(dirname(context.filename), specifier)), asType)
    : packageProblem(row, from, specifier, node, asType);
  if (problem !== undefined) context.report({ node, message: problem });
}

function pathProblem(row: Row, from: string, to: string, asType: boolean): string | undefined {
  if (crossesCapabilities(from, to)) return `${from} may not import ${to}, which belongs to another capability`;
  const allowed = [...row.may, ...(asType ? (row.mayAsTypes ?? []) : [])];
  if (row.files.test(to) || allowed.some((path) => path.test(to))) return undefined;
  if (row.mayAsTypes?.some((path) => path.test(to))) return `${from} may import ${to} only with "import type"`;
  return `${from} may not import ${to}: see the import table in test/lint/house.ts`;
}

function packageProblem(row: Row, from: string, specifier: string, node: Import, asType: boolean): string | undefined {
  const name = isBuiltin(specifier) ? specifier : specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (row.packages !== undefined && !row.packages.includes(name)) {
    return `${from} may not import ${specifier}; packages it may: ${row.packages.join(', ') || 'none'}`;
  }
  const { onlyNames } = row;
  if (onlyNames?.package !== name || asType) return undefined;
  const names = node.specifiers?.map(({ imported }) => imported?.name ?? '*') ?? ['*'];
  const refused = names.filter((each) => !each.startsWith(onlyNames.prefix));
  return refused.length === 0
    ? undefined
    : `${from} may import only ${onlyNames.prefix}* from ${name}, and imports ${refused.join(', ')}`;
}
