import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { house } from './house.ts';

const project = resolve(import.meta.dirname, '../..');
const fixtures = join(import.meta.dirname, 'fixtures');
const refusal = '// refused by: ';

// The limits in lines are shorter to make than to keep.
const lines = (count: number, line: string): string => `${line}\n`.repeat(count);
const long = {
  'domain/file-of-351-lines.ts': `${refusal}eslint(max-lines)\n${lines(350, 'export {};')}`,
  'domain/file-of-350-lines.ts': `// accepted\n${lines(349, 'export {};')}`,
  'domain/function-of-51-lines.ts': `${refusal}eslint(max-lines-per-function)\nexport function f() {\n${lines(49, 'void 0;')}}\n`,
  'test/function-of-51-lines.ts': `// accepted\nexport function f() {\n${lines(49, 'void 0;')}}\n`,
};

interface Finding {
  readonly code: string;
  readonly filename: string;
}

/** Lays the fixtures out as a project of their own, so that the rules see the same paths as in this one. */
function lintFixtures(): { expected: Map<string, string[]>; found: Map<string, string[]> } {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-lint-'));
  try {
    cpSync(fixtures, root, { recursive: true });
    for (const path of [
      '.oxlintrc.json',
      'package.json',
      'tsconfig.json',
      'test/lint/plugin.ts',
      'test/lint/house.ts',
    ]) {
      cpSync(join(project, path), join(root, path));
    }
    cpSync(join(project, 'test/lint/rules'), join(root, 'test/lint/rules'), { recursive: true });
    for (const [path, text] of Object.entries(long)) writeFileSync(join(root, path), text);
    symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'), 'junction');
    const files = globSync('**/*.ts', { cwd: root, exclude: ['node_modules', 'test/lint'] });
    const expected = new Map(files.map((file) => [file, expectation(join(root, file))]));
    const found = new Map(files.map((file) => [file, [] as string[]]));
    for (const { code, filename } of oxlint(root)) found.get(filename)?.push(code);
    return { expected, found };
  } finally {
    rmSync(root, { recursive: true });
  }
}

function expectation(file: string): string[] {
  const first = readFileSync(file, 'utf8').split('\n')[0] ?? '';
  assert.ok(first === '// accepted' || first.startsWith(refusal), `${file} does not say what the rules make of it`);
  return first === '// accepted' ? [] : [first.slice(refusal.length)];
}

function oxlint(root: string): Finding[] {
  const bin = join(project, 'node_modules/oxlint/bin/oxlint');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [bin, '--type-aware', '-f', 'json', '--ignore-pattern', 'node_modules'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  assert.match(stdout, /^\{ "diagnostics"/, stderr);
  return (JSON.parse(stdout) as { diagnostics: Finding[] }).diagnostics;
}

/** It takes the `then` of our rules for a promise’s. Others that are off in places are on in others. */
const NEVER_ON = 'unicorn/no-thenable';

describe('the lint rules', () => {
  const { expected, found } = lintFixtures();

  for (const [file, codes] of expected) {
    const claim = codes.length === 0 ? `accepts ${file}` : `refuses ${file} by ${codes.join(', ')}`;
    it(claim, () => assert.deepEqual(found.get(file), codes));
  }

  it('have a fixture that each configured rule refuses', () => {
    const config = JSON.parse(readFileSync(join(project, '.oxlintrc.json'), 'utf8').replace(/^ *\/\/.*$/gm, '')) as {
      rules: object;
      overrides: { rules: object }[];
    };
    const on = (rules: object): string[] =>
      Object.entries(rules).flatMap(([rule, level]) => (level === 'off' && rule === NEVER_ON ? [] : rule));
    const configured = [config.rules, ...config.overrides.map(({ rules }) => rules)].flatMap(on);
    const refused = new Set([...expected.values()].flat());
    const codeOf = (rule: string): string =>
      (rule.includes('/') ? rule : `eslint/${rule}`).replace(/(.*)\/(.*)/, '$1($2)');
    assert.deepEqual(
      [...new Set(configured)].map(codeOf).filter((code) => !refused.has(code)),
      [],
    );
  });

  it('have a fixture that each row of the import table refuses', () => {
    const refused = [...expected].filter(([, codes]) => codes.includes('holdfast(imports)')).map(([file]) => file);
    const rowOf = (file: string) => house.find(({ files }) => files.test(file));
    assert.deepEqual(
      house.filter((row) => !refused.some((file) => rowOf(file) === row)),
      [],
    );
  });
});
