/**
 * `npm test`: mocha in three processes at once, as most tests wait for the sandbox's clock rather than for a processor. What
 * the others say is shown when the first has ended, what failed is told once more at the end, and the last line is the sum of
 * all counts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const mocha = fileURLToPath(new URL('../node_modules/mocha/bin/mocha.js', import.meta.url));
const COUNTS = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;

const all = globSync('test/**/*.test.ts', { cwd: project }).toSorted();
// About equally long: upgrades and backups; custody, restores and some of the upgrades; and whatever else there is.
const OF_CUSTODY = /custody|copy-back|restore|evidence|sandbox\/backup|docs\.test|any-plan|maintenance|bad-weather/;
const OF_OTHERS = /nights|worker-killed/;
const custody = all.filter((file) => OF_CUSTODY.test(file));
const rest = all.filter((file) => !custody.includes(file));
const workflows = rest.filter((file) => file.startsWith('test/workflows/') && !OF_OTHERS.test(file));
const others = rest.filter((file) => !workflows.includes(file));

/** Hundreds of processes are started, most of the same code: what one has compiled, the next one finds. */
const env = {
  ...process.env,
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/node', import.meta.url)),
};

interface Ran {
  readonly output: string;
  readonly code: number;
}

async function run(files: readonly string[], show: (text: string) => void): Promise<Ran> {
  const child = spawn(process.execPath, [mocha, '--forbid-only', '--color', ...files], {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      show(text);
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { output, code: code ?? 1 };
}

/** Passed, failed and skipped; a process that died before it could count has failed. */
function countsOf({ output, code }: Ran): number[] {
  const counts = output
    .split('\n')
    .map((line) => COUNTS.exec(line))
    .findLast((match) => match !== null);
  const [passed, failed, skipped] = counts ? counts.slice(1).map((each) => Number(each ?? 0)) : [0, 1, 0];
  return [passed ?? 0, code !== 0 && failed === 0 ? 1 : (failed ?? 0), skipped ?? 0];
}

/** What mocha tells at its end of the tests that failed. */
function failuresOf({ output }: Ran): string {
  const from = output.search(/^.*\d+ failing/m);
  return from === -1 ? '' : output.slice(from);
}

const quiet = [custody, others].map((files) => run(files, () => undefined));
const shown = run(workflows, (text) => void process.stdout.write(text));
await shown;
for (const each of quiet) process.stdout.write((await each).output);
const ran = await Promise.all([shown, ...quiet]);
// Once more, as they stand thousands of lines apart.
for (const each of ran) process.stdout.write(failuresOf(each));
const [passed, failed, skipped] = ran
  .map(countsOf)
  .reduce((sum, counts) => sum.map((each, index) => each + (counts[index] ?? 0)), [0, 0, 0]);
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed || !passed ? 1 : 0;
