import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { Command } from 'commander';
import { EXIT } from '../client/exit.ts';
import { programFor } from '../client/program.ts';
import { windowProblems } from '../domain/windows.ts';
import { run, startDev, type Running } from './client/holdfast.ts';
import { waitUntil } from './rig/upgrade.ts';

const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const documents = readdirSync(root).filter((name) => name.endsWith('.md'));

/** The lines of the block that the README says is run here. */
const commands = (/<!-- run by test\/docs\.test\.ts -->\s*```sh\n([^`]+)```/.exec(readme)?.[1] ?? '')
  .trim()
  .split('\n');

/** The file of the README's schedules, and the commands that it shows for it. */
const [, holdfastYaml = ''] = /<!-- applied by test\/docs\.test\.ts -->\s*```yaml\n([^`]+)```/.exec(readme) ?? [];
const scheduling = (/<!-- run by test\/docs\.test\.ts, with that file -->\s*```sh\n([^`]+)```/.exec(readme)?.[1] ?? '')
  .trim()
  .split('\n');

/** What the README shows of custody, with the file that `holdfast dev` writes. */
const custody = (
  /<!-- run by test\/docs\.test\.ts, with the file of holdfast dev -->\s*```sh\n([^`]+)```/.exec(readme)?.[1] ?? ''
)
  .trim()
  .split('\n');

/** The updates that the README sends with Temporal's own command line. */
const updates = [
  ...readme.matchAll(/^temporal workflow update execute --workflow-id \$ID --name (\w+) --input '(.+)'$/gm),
];
const RUN_ID = /^ID=(\S+)$/m.exec(readme)?.[1] ?? '';

describe('the documents', function () {
  this.timeout(120_000);

  it('name only scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    for (const document of documents) {
      const text = readFileSync(join(root, document), 'utf8');
      for (const [, script = ''] of text.matchAll(/npm run ([\w:-]+)/g))
        assert.ok(script in scripts, `${document}: ${script}`);
    }
  });

  it('link only to files that exist', () => {
    for (const document of documents) {
      const text = readFileSync(join(root, document), 'utf8');
      for (const [, link = ''] of text.matchAll(/\]\(([^)#:]+)\)/g)) {
        assert.ok(existsSync(join(root, dirname(document), link)), `${document}: ${link}`);
      }
    }
  });

  it('name only files of the project that exist', () => {
    const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
    const named = [
      ...text.matchAll(/`((?:domain|workflows|activities|worker|client|report|sandbox|test|bench)\/[\w./-]*)`/g),
    ];
    assert.ok(named.length > 10);
    for (const [, path = ''] of named) assert.ok(existsSync(join(root, path)), path);
  });

  it('show a rule of windows that a run takes', () => {
    const [, rule = ''] = /<!-- checked by test\/docs\.test\.ts -->\s*```json\n([^`]+)```/.exec(readme) ?? [];
    assert.deepEqual(windowProblems([JSON.parse(rule)]), []);
  });

  it('name in the README only flags that a command has', async () => {
    const flagsOf = (command: Command): (string | undefined)[] => [
      ...command.options.map(({ long }) => long),
      ...command.commands.flatMap(flagsOf),
    ];
    const known = new Set([...flagsOf(await programFor([])), '--help']);
    const ours = readme.replaceAll(/^temporal .*$/gm, '');
    const named = [...ours.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag);
    assert.ok(named.length > 50);
    for (const flag of named) assert.ok(known.has(flag), flag);
  });

  describe('beside holdfast dev', () => {
    let cwd = '';
    let dev: Running;

    before(async () => {
      cwd = mkdtempSync(join(tmpdir(), 'holdfast-docs-'));
      dev = await startDev(cwd);
    });
    after(async () => {
      dev.process.kill('SIGINT');
      await dev.ended;
      rmSync(cwd, { recursive: true });
    });

    const endWell = async (shown: readonly string[]): Promise<void> => {
      for (const command of shown) {
        const [npx, holdfast, ...args] = command.split(' ');
        assert.deepEqual([npx, holdfast], ['npx', 'holdfast']);
        const { code, stderr } = await run(args, { cwd });
        assert.equal(code, 0, `${command}\n${stderr}`);
      }
    };

    it('the README’s commands end well, one after the other', async () => {
      assert.equal(commands.length, 8);
      await endWell(commands);
    });

    it('the README’s commands of custody are those that dev prints, and end well, but the one that shows what is blocked', async () => {
      assert.equal(custody.length, 6);
      for (const command of custody) assert.ok(dev.stdout().includes(`  ${command}\n`), command);
      await endWell(custody.slice(0, -1));
      const [, , ...args] = custody.at(-1)?.split(' ') ?? [];
      await waitUntil('it is blocked', async () => (await run(args, { cwd })).code === EXIT.blocked);
    });

    it('a run takes the updates of the README as they stand there', async () => {
      await run(['upgrade', 'status', '--watch'], { cwd });
      const begun = await run(['upgrade', 'start', '--plan', 'upgrade.json', '--yes'], { cwd });
      assert.equal(begun.code, 0, begun.stderr);
      const { address } = JSON.parse(readFileSync(join(cwd, '.holdfast/dev.json'), 'utf8')) as { address: string };
      const connection = await Connection.connect({ address });
      try {
        const handle = new Client({ connection }).workflow.getHandle(RUN_ID);
        const told: string[] = [];
        for (const [, name = '', argument = ''] of updates) {
          const answer = handle.executeUpdate(name, { args: [JSON.parse(argument)] });
          // Nothing waits for approval here.
          if (name === 'approve')
            await assert.rejects(answer, (error: Error) => /the run is upgrading/.test(String(error.cause)));
          else await answer;
          told.push(name);
        }
        assert.deepEqual(told, ['pause', 'resume', 'skip', 'defer', 'retryFailed', 'change', 'approve', 'abort']);
      } finally {
        await connection.close();
      }
    });

    it('the README’s schedules are applied, and their commands end well, one after the other', async () => {
      writeFileSync(join(cwd, 'holdfast.yaml'), holdfastYaml);
      assert.equal(scheduling.length, 8);
      await endWell(scheduling);
    });
  });
});
