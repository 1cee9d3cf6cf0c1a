import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const ciRun = resolve(import.meta.dirname, '../.ci/run');

/** Runs `.ci/run` with an `npm` whose two steps are these lines of shell. */
function run(steps: { readonly cit: string; readonly foreign: string }): { lastLine: string; exitCode: number | null } {
  const bin = mkdtempSync(join(tmpdir(), 'holdfast-ci-'));
  try {
    const npm = `#!/bin/sh\ncase "$*" in\ncit) ${steps.cit};;\n"run test:foreign") ${steps.foreign};;\n*) exit 9;;\nesac\n`;
    writeFileSync(join(bin, 'npm'), npm, { mode: 0o755 });
    const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) };
    const { stdout, status } = spawnSync(ciRun, { env, encoding: 'utf8' });
    return { lastLine: stdout.trimEnd().split('\n').at(-1) ?? '', exitCode: status };
  } finally {
    rmSync(bin, { recursive: true });
  }
}

describe('the CI run', () => {
  const good = 'echo "3 passed, 0 failed"';
  for (const { claim, cit, foreign = good, lastLine, exitCode } of [
    {
      claim: 'sums what each step counted, colours and blank lines or not',
      cit: String.raw`printf "noise\n\033[32m12 passed, 0 failed, 2 skipped\033[0m\n\n"`,
      lastLine: '15 passed, 0 failed',
      exitCode: 0,
    },
    {
      claim: 'fails with the steps that fail, and runs the others',
      cit: 'echo "10 passed, 2 failed"; echo "npm error" >&2; exit 1',
      foreign: 'echo "3 passed, 1 failed"; exit 1',
      lastLine: '13 passed, 3 failed',
      exitCode: 1,
    },
    {
      claim: 'fails when a step does not end with a count',
      cit: 'echo boom',
      lastLine: '3 passed, 1 failed',
      exitCode: 1,
    },
    {
      claim: 'fails when a step ran no test',
      cit: 'echo "0 passed, 0 failed"',
      lastLine: '3 passed, 1 failed',
      exitCode: 1,
    },
    {
      claim: 'fails when a step fails although its tests passed',
      cit: 'echo "12 passed, 0 failed"; exit 7',
      lastLine: '15 passed, 1 failed',
      exitCode: 1,
    },
  ]) {
    it(claim, () => assert.deepEqual(run({ cit, foreign }), { lastLine, exitCode }));
  }
});
