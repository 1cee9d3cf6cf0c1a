import assert from 'node:assert/strict';
import type { Command } from 'commander';
import { programFor } from '../../client/program.ts';

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

const leaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);

const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();

describe('the help', () => {
  let program: Command;
  before(async function () {
    this.timeout(120_000);
    program = await programFor([]);
  });

  it('shows what commands there are, and what they end with', () => {
    assert.deepEqual(leaves(program).map(nameOf), [
      'holdfast backup explain',
      'holdfast backup plan',
      'holdfast backup start',
      'holdfast backup status',
      'holdfast backup pause',
      'holdfast backup resume',
      'holdfast backup skip',
      'holdfast backup abort',
      'holdfast backup list',
      'holdfast backup report',
      'holdfast config validate',
      'holdfast custody plan',
      'holdfast custody list',
      'holdfast custody show',
      'holdfast custody resume',
      'holdfast custody release',
      'holdfast custody reconcile',
      'holdfast custody copy-back',
      'holdfast custody restore-test plan',
      'holdfast custody restore-test start',
      'holdfast custody restore-test status',
      'holdfast custody restore-test abort',
      'holdfast custody verify-evidence',
      'holdfast custody report',
      'holdfast demo',
      'holdfast dev',
      'holdfast init',
      'holdfast restore plan',
      'holdfast restore start',
      'holdfast restore status',
      'holdfast restore approve',
      'holdfast restore resume',
      'holdfast restore abort',
      'holdfast restore fleet start',
      'holdfast restore fleet status',
      'holdfast restore fleet approve',
      'holdfast restore fleet pause',
      'holdfast restore fleet resume',
      'holdfast restore fleet abort',
      'holdfast sandbox start',
      'holdfast schedules diff',
      'holdfast schedules apply',
      'holdfast schedules list',
      'holdfast schedules trigger',
      'holdfast schedules pause',
      'holdfast schedules delete',
      'holdfast sweep plan',
      'holdfast sweep start',
      'holdfast upgrade plan',
      'holdfast upgrade rehearse',
      'holdfast upgrade start',
      'holdfast upgrade status',
      'holdfast upgrade approve',
      'holdfast upgrade pause',
      'holdfast upgrade resume',
      'holdfast upgrade skip',
      'holdfast upgrade defer',
      'holdfast upgrade retry-failed',
      'holdfast upgrade change',
      'holdfast upgrade abort',
      'holdfast upgrade report',
      'holdfast worker',
    ]);
    assert.match(helpOf(program), /Exit codes: 0 done, 1 failed, 2 usage, 3 partlyFailed, 4 blocked/);
  });

  it('shows the flags of an upgrade in groups', () => {
    const start = leaves(program).find((command) => nameOf(command) === 'holdfast upgrade start') as Command;
    const groups = helpOf(start).match(/^\S.*:$/gm);
    assert.deepEqual(
      groups?.map((group) => group.replace(/ \(.*\)/, '')),
      [
        'What is upgraded:',
        'Which WorkSpaces of the bundle:',
        'Waves and limits:',
        'Windows:',
        'Users:',
        'Operators:',
        'Rebuilds:',
        'Report, and afterwards:',
        'Options:',
        'Example:',
      ],
    );
  });

  it('of every command shows an example of it', () => {
    for (const command of leaves(program)) {
      const example = new RegExp(`\\nExample:\\n(.*\\n)*.*${nameOf(command)}`);
      assert.match(helpOf(command), example);
    }
  });

  it('loads only the command that is named', async () => {
    assert.deepEqual(
      (await programFor(['upgrade', 'status'])).commands.map((command) => command.name()),
      ['upgrade'],
    );
  });
});
