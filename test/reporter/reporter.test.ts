import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));

function runMocha(fixture: string): { lastLine: string; exitCode: number | null; stderr: string } {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['node_modules/mocha/bin/mocha.js', `test/reporter/fixtures/${fixture}.ts`],
    { cwd: project, encoding: 'utf8' },
  );
  return { lastLine: stdout.trimEnd().split('\n').at(-1) ?? '', exitCode: status, stderr };
}

describe('the test reporter', () => {
  const runs = [
    { fixture: 'passes', lastLine: '2 passed, 0 failed', exitCode: 0 },
    { fixture: 'fails', lastLine: '1 passed, 1 failed', exitCode: 1 },
    { fixture: 'failing-hook', lastLine: '0 passed, 1 failed', exitCode: 1 },
    { fixture: 'skips', lastLine: '1 passed, 0 failed, 1 skipped', exitCode: 0 },
    { fixture: 'prints-late', lastLine: '1 passed, 0 failed', exitCode: 0 },
  ];
  for (const { fixture, lastLine, exitCode } of runs) {
    it(`ends with "${lastLine}" and exits with ${exitCode} on the fixture ${fixture}`, () => {
      const run = runMocha(fixture);
      assert.deepEqual({ lastLine: run.lastLine, exitCode: run.exitCode }, { lastLine, exitCode });
    });
  }

  for (const { fixture, lastLine } of [
    { fixture: 'no-tests', lastLine: '0 passed, 0 failed' },
    { fixture: 'skips-all', lastLine: '0 passed, 0 failed, 1 skipped' },
  ]) {
    it(`fails a run in which no test ran (${fixture})`, () => {
      const run = runMocha(fixture);
      assert.deepEqual({ lastLine: run.lastLine, exitCode: run.exitCode }, { lastLine, exitCode: 1 });
      assert.match(run.stderr, /no test ran/);
    });
  }
});
