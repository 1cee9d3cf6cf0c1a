import assert from 'node:assert/strict';
import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { createCheckCommandsActivities, type CheckEnd } from '../../activities/check-commands.ts';

const node = (script: string): string[] => [process.execPath, '-e', script];

async function check(
  command: readonly string[],
  seconds = 20,
  signal = new AbortController().signal,
): Promise<CheckEnd> {
  const activities = createCheckCommandsActivities({ checkCommands: [command] });
  const context = { cancellationSignal: signal, heartbeat: () => undefined } as unknown as Context;
  const input = { command, env: { HOLDFAST_RESOURCE_ARN: 'arn:new' }, seconds };
  return await asyncLocalStorage.run(context, () => activities.runCheckCommand(input));
}

/** A program that has started another one: its output is open until both have ended. */
const parent = node(
  `require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => 0, 60000)'], { stdio: 'inherit' }); setTimeout(() => 0, 60000)`,
);

describe('a program that checks what was restored', function () {
  this.timeout(120_000);

  it('is told of what, passes with 0 and fails with anything else, and the last of its output is kept', async () => {
    assert.deepEqual(await check(node('console.log(process.env.HOLDFAST_RESOURCE_ARN)')), {
      ok: true,
      says: 'ended with 0: arn:new',
    });
    const loud = await check(node('console.log("x".repeat(5000)); console.error("the end"); process.exitCode = 3'));
    assert.deepEqual(
      [loud.ok, loud.says.startsWith('ended with 3: x'), loud.says.endsWith('the end')],
      [false, true, true],
    );
    assert.ok(loud.says.length < 2_100, String(loud.says.length));
    assert.match((await check(['/no/such/program'])).says, /it cannot be run: .*ENOENT/);
  });

  it('is given no shell', async () => {
    const { says } = await check([...node('console.log(process.argv.at(-1))'), '$(id) && x']);
    assert.equal(says, 'ended with 0: $(id) && x');
  });

  it('that takes too long is ended with all that it has started', async () => {
    const { ok, says } = await check(parent, 1);
    assert.equal(ok, false);
    assert.equal(says, 'did not end within 1 s');
  });

  it('is ended when the test is', async () => {
    const controller = new AbortController();
    const checking = check(parent, 60, controller.signal);
    controller.abort(new Error('the test is over'));
    await assert.rejects(checking, /the test is over/);
  });

  it('is run only when the worker’s own file has it, with just these arguments', async () => {
    const activities = createCheckCommandsActivities({ checkCommands: [['/opt/check', '--quick']] });
    for (const command of [['/opt/check'], ['/opt/check', '--quick', '--more'], ['/bin/sh', '-c', 'id'], []]) {
      await assert.rejects(activities.runCheckCommand({ command, env: {}, seconds: 1 }), /this worker does not run/);
    }
  });
});
