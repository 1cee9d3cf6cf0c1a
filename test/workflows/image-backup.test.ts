/** Image backups on the real server and the sandbox: what is made, of whom, and what is left afterwards. */
import assert from 'node:assert/strict';
import { backupFleet } from '../../sandbox/scenarios.ts';
import { imagesMade } from '../../sandbox/services/workspaces/ground-truth.ts';
import { backupInput, rowsOfBackup, startBackup } from '../rig/backup.ts';
import { withRig } from '../rig/upgrade.ts';

describe('an image backup', function () {
  this.timeout(60_000);

  it('makes one image of each WorkSpace', async () => {
    await withRig({ fleet: backupFleet(2, { special: {} }) }, async (rig) => {
      const backup = await startBackup(rig, backupInput());
      const result = await backup.result();
      console.log(JSON.stringify(result, null, 1), await rowsOfBackup(backup));
      assert.equal(result.outcome, 'completed');
      assert.equal(imagesMade(rig.fleet.place).length, 2);
    });
  });
});
