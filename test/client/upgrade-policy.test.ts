/** An upgrade's parameters from a policy of the file, and the flags beside it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { addUpgradeFlags, type UpgradeFlags } from '../../client/upgrade-flags.ts';
import { upgradeInput } from '../../client/upgrade-input.ts';
import { overPolicy } from '../../client/upgrade-policy.ts';
import type { ImageUpgradeInput } from '../../domain/image-upgrade.ts';
import { NO_SELECTION } from '../../domain/selection.ts';

const FILE = `accounts:
  - { id: "111122223333", regions: [eu-central-1] }
policies:
  imageUpgrade:
    windows:
      account: "111122223333"
      region: eu-central-1
      bundle: wsb-0fleet0001
      image: wsi-0fleet0002
      tags: { Env: Prod }
      waves: { canary: { size: 5, tag: { Ring: "0" } }, sizes: ["30%"], soak: 2h }
      maxConcurrent: 40
      connectedUsers: { policy: wait, wait: 8h }
      report: { bucket: holdfast-reports, prefix: windows/ }
`;

describe('an upgrade by a policy of the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-policy-'));
  const file = join(folder, 'holdfast.yaml');
  before(() => writeFileSync(file, FILE));
  after(() => rmSync(folder, { recursive: true }));

  const inputOf = async (...args: string[]): Promise<ImageUpgradeInput> => {
    const command = addUpgradeFlags(new Command()).exitOverride();
    const flags = command.parse(['--config', file, ...args], { from: 'user' }).opts<UpgradeFlags>();
    return upgradeInput(flags, await overPolicy(flags, command));
  };

  it('has the parameters of the policy', async () => {
    const input = await inputOf('--policy', 'windows');
    assert.deepEqual(input.target, { account: '111122223333', region: 'eu-central-1' });
    assert.deepEqual(input.selection, { ...NO_SELECTION, allOf: [{ key: 'Env', value: 'Prod' }] });
    assert.deepEqual(
      [input.waves.canary?.size, input.waves.sizes, input.waves.soakMinutes, input.maxConcurrent],
      ['5', ['30%'], 120, 40],
    );
    assert.deepEqual(input.connectedUsers, { policy: 'wait', waitMinutes: 480, afterWait: 'skip' });
    assert.equal(input.report.prefix, 'windows/');
  });

  it('takes a flag instead where one is given, and nothing else', async () => {
    const policy = await inputOf('--policy', 'windows');
    const input = await inputOf('--policy', 'windows', '--image', 'wsi-0fleet0003', '--max-concurrent', '3');
    assert.deepEqual(input, { ...policy, imageId: 'wsi-0fleet0003', maxConcurrent: 3 });
  });

  it('takes a selection and a canary from the flags as a whole', async () => {
    const some = await inputOf('--policy', 'windows', '--directory', 'd-90670f1ee7', '--canary', '10%');
    assert.deepEqual(some.selection, { ...NO_SELECTION, directoryIds: ['d-90670f1ee7'] });
    assert.deepEqual(some.waves.canary, { size: '10%', choose: 'spread', tag: null, workspaceIds: [] });
    assert.deepEqual(some.waves.sizes, ['30%']);
    assert.deepEqual((await inputOf('--policy', 'windows', '--all')).selection, NO_SELECTION);
    await assert.rejects(inputOf('--policy', 'windows', '--not-tag', 'Ring=0'), /which WorkSpaces\?/);
  });

  it('names the policies that there are, and judges what the flags make of one', async () => {
    await assert.rejects(inputOf('--policy', 'linux'), {
      exit: 'usage',
      message: `--policy: ${file} has no upgrade policy linux; it has: windows`,
    });
    await assert.rejects(inputOf('--policy', 'windows', '--image', 'ami-1'), /--image must be an image id/);
  });
});
