import assert from 'node:assert/strict';
import { bundlesProblem, hasFailed, parseFleetRestoreInput, type FleetRestoreRow } from '../../domain/fleet-restore.ts';
import { NO_SELECTION } from '../../domain/selection.ts';

const good = {
  target: { account: '111122223333', region: 'eu-central-1' },
  name: 'after-monday',
  selection: { ...NO_SELECTION, workspaceIds: ['ws-0fleet0001'] },
  strategy: 'snapshot',
  imageId: null,
  notAfter: '2026-03-02T08:00:00Z',
  loseUserVolume: false,
  lastImage: false,
  confirmCount: 1,
  maxResources: 10,
  maxConcurrent: 2,
  canarySize: null,
  waveSizes: [],
  soakMinutes: 0,
  maxFailures: null,
  approval: { required: false, expiresMinutes: 60 },
  operatorTopicArn: null,
  nobodyToTell: false,
  report: { bucket: 'holdfast-reports', prefix: 'fleet/', kmsKeyArn: null },
};
const recreate = { strategy: 'recreate', imageId: 'wsi-0fleet0002', notAfter: null, loseUserVolume: true };

const problemsOf = (changes: object): string => {
  const parsed = parseFleetRestoreInput({ ...good, ...changes });
  return parsed.ok ? '' : parsed.problems.join('; ');
};

describe('a restore of many WorkSpaces', () => {
  it('by snapshots must say how late these may be', () => {
    assert.equal(problemsOf({}), '');
    assert.match(problemsOf({ notAfter: null }), /notAfter must be an instant for snapshot/);
    assert.match(problemsOf({ notAfter: null, strategy: 'rebuild' }), /notAfter must be an instant for rebuild/);
  });

  it('by recreate must say who is told of a user without a desktop', () => {
    assert.match(problemsOf(recreate), /operatorTopicArn must be a topic for recreate.*nobodyToTell/);
    assert.equal(problemsOf({ ...recreate, nobodyToTell: true }), '');
    assert.equal(problemsOf({ ...recreate, operatorTopicArn: 'arn:aws:sns:eu-central-1:111122223333:ops' }), '');
  });

  it('is refused with the arithmetic where its bundles do not fit into AWS’s 50', () => {
    assert.match(
      bundlesProblem('recreate', 41, 10) ?? '',
      /10 custom bundles and 41 more.* are 51.*restore 40 at most/,
    );
    assert.equal(bundlesProblem('recreate', 40, 10), null);
    assert.equal(bundlesProblem('snapshot', 400, 50), null);
  });

  it('counts one that waits for a person as failed', () => {
    const row = { phase: 'restoring', outcome: null, blocked: null } as FleetRestoreRow;
    assert.equal(hasFailed(row), false);
    assert.equal(hasFailed({ ...row, blocked: 'no WorkSpace can be made' }), true);
    assert.equal(hasFailed({ ...row, phase: 'done', outcome: 'restored' }), false);
  });
});
