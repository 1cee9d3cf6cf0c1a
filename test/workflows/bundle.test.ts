import assert from 'node:assert/strict';
import { builtinModules } from 'node:module';
import { bundleFor } from '../rig/upgrade.ts';

/** The workflow types: wire format, so that a rename is noticed here. */
const TYPES = [
  'copyQueue',
  'custody',
  'custodyCopyBack',
  'custodyCopyBackPlan',
  'custodyEvidenceCheck',
  'custodyIndex',
  'custodyPlan',
  'custodyReconcile',
  'custodyRecord',
  'custodyReport',
  'custodyRestoreProofs',
  'custodyRestoreTest',
  'custodyRestoreTestPlan',
  'custodyRestoreTests',
  'imageBackup',
  'imageBackupList',
  'imageBackupPlan',
  'imageRestore',
  'imageRestoreFleet',
  'imageRestorePlan',
  'imageRetentionPlan',
  'imageUpgrade',
  'imageUpgradeCohort',
  'imageUpgradeFleet',
  'imageUpgradePlan',
  'limit',
  'scheduleWatchdog',
  'scheduledRun',
  'sweep',
  'workspaceLocks',
];

describe('the workflow bundle', function () {
  this.timeout(120_000);
  let code = '';
  /** What the bundler took in, by the names it gives modules. */
  let modules: string[] = [];

  before(async () => {
    ({ code } = await bundleFor(2000));
    modules = [...code.matchAll(/^\/\*\*\*\/ "([^"\n]+)"(?::|\n)/gm)].map(([, name = '']) => name);
  });

  it('holds the workflows and Temporal’s own modules, so that what is not in it can be told', () => {
    assert.ok(modules.some((name) => name.includes('workflows/upgrade-desktop.ts')));
    assert.ok(modules.some((name) => name.includes('@temporalio/workflow')));
  });

  it('holds no AWS SDK, no Temporal client and no activity', () => {
    const foreign = /@aws-sdk|@smithy|@temporalio\/(client|worker|activity)\/|\/activities\/(?!.*workflows)|\/zod\//;
    assert.deepEqual(
      modules.filter((name) => foreign.test(name) && !name.includes('/workflows/activities.ts')),
      [],
    );
  });

  it('holds no Node built-in, but for those that Temporal itself replaces', () => {
    const builtins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
    const replaced = new Set(['assert', 'url', 'util']);
    const held = modules.filter((name) => builtins.has(name) && !replaced.has(name));
    assert.deepEqual(held, []);
    for (const [, name = ''] of code.matchAll(/\brequire\("(node:[^"]+)"\)/g)) assert.fail(`requires ${name}`);
  });

  it('exports exactly the workflow types', async () => {
    assert.deepEqual(Object.keys(await import('../../workflows/index.ts')).toSorted(), TYPES);
  });
});

describe('the messages of workflows', () => {
  it('load outside a workflow', async () => {
    const upgrade = await import('../../workflows/image-upgrade.messages.ts');
    assert.equal(upgrade.abortUpdate.name, 'abort');
    const locks = await import('../../workflows/workspace-locks.messages.ts');
    assert.equal(locks.exchangeLocksUpdate.name, 'exchangeLocks');
  });
});
