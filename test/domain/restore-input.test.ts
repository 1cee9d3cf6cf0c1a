import assert from 'node:assert/strict';
import { lastImageName, restoreBundleName } from '../../domain/restore-names.ts';
import { parseRestoreInput } from '../../domain/restore-input.ts';
import { creationRemedy } from '../../domain/restore-remedies.ts';

const good = {
  target: { account: '111122223333', region: 'eu-central-1' },
  workspaceId: 'ws-0fleet0001',
  strategy: 'image',
  imageId: 'wsi-0fleet0002',
  snapshotTime: '2026-03-02T06:00:00Z',
  notAfter: null,
  loseUserVolume: false,
  confirm: 'ws-0fleet0001',
  otherUser: null,
  canary: false,
  lastImage: false,
  approval: { required: false, expiresMinutes: 60 },
  operatorTopicArn: null,
  nobodyToTell: false,
  report: { bucket: 'holdfast-reports', prefix: '/restores', kmsKeyArn: null },
};

describe('the parameters of a restore', () => {
  it('are taken when they are right, with the report’s prefix as a folder', () => {
    const parsed = parseRestoreInput(good);
    assert.ok(parsed.ok);
    assert.equal(parsed.input.report.prefix, 'restores/');
  });

  const WRONG: readonly (readonly [object, RegExp])[] = [
    [{ workspaceId: 'i-1' }, /workspaceId must be a WorkSpace id/],
    [{ strategy: 'undo' }, /strategy must be image, recreate, snapshot, rebuild or copy, got "undo"/],
    [{ imageId: null }, /imageId must be an image for the strategy image, got null/],
    [{ strategy: 'snapshot' }, /imageId is none of the strategy snapshot/],
    [{ notAfter: '2026-03-02' }, /notAfter must be an instant such as/],
    [{ notAfter: '2026-13-02T00:00:00Z' }, /notAfter must be an instant such as/],
    [{ strategy: 'recreate', notAfter: '2026-03-02T00:00:00Z' }, /notAfter is about a snapshot/],
    [{ strategy: 'copy' }, /otherUser must be the user of the second WorkSpace/],
    [{ otherUser: 'ben' }, /otherUser is for the strategy copy and for a canary/],
    [{ strategy: 'copy', otherUser: 'ben', lastImage: true }, /lastImage is none of the strategy copy/],
    [
      { strategy: 'snapshot', imageId: null, canary: true, otherUser: 'ben' },
      /canary is for the strategies image and recreate/,
    ],
    [
      { operatorTopicArn: 'arn:aws:sns:us-east-1:111122223333:t' },
      /must be a topic of account 111122223333 in eu-central-1/,
    ],
    [{ hurry: true }, /hurry is not known/],
  ];
  for (const [changes, problem] of WRONG) {
    it(`are refused: ${JSON.stringify(changes)}`, () => {
      const parsed = parseRestoreInput({ ...good, ...changes });
      assert.ok(!parsed.ok);
      assert.match(parsed.problems.join('\n'), problem);
    });
  }
});

describe('what a restore makes', () => {
  it('has names within AWS’s pattern and 64 characters, the same each time and another in each run', () => {
    const long = `ws-${'0'.repeat(63)}`;
    const names = [
      restoreBundleName(long, '0f9c1e5b-62d8-4743-8f9c-1e5b62d8a743', 1),
      restoreBundleName(long, '0f9c1e5b-62d8-4743-8f9c-1e5b62d8a743', 2),
      restoreBundleName(long, '1f9c1e5b-62d8-4743-8f9c-1e5b62d8a743', 1),
      lastImageName('büro rechner 1', '2026-03-02T08:05:00Z'),
      lastImageName('x'.repeat(90), '2026-03-02T08:05:00Z'),
    ];
    for (const name of names) assert.match(name, /^[a-zA-Z0-9_./()\\-]{1,64}$/);
    assert.equal(new Set(names).size, names.length);
    assert.match(names[3] ?? '', /-before-restore-2026-03-02-0805$/);
  });

  it('that AWS refuses has a remedy, and says whether a person must act', () => {
    const wanted = { userName: 'ana', directoryId: 'd-90670f1ee7', imageId: 'wsi-0golden001' };
    assert.ok(creationRemedy('ResourceLimitExceededException', wanted).person);
    assert.match(creationRemedy('InvalidUserConfiguration.Workspace', wanted).remedy, /bring the user back/);
    assert.match(creationRemedy('SomethingNew', wanted).remedy, /by hand, for ana in d-90670f1ee7 .* wsi-0golden001/);
    assert.ok(!creationRemedy('InternalServerException', wanted).person);
  });
});
