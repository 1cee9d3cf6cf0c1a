import assert from 'node:assert/strict';
import { newRow, type Row } from '../../domain/upgrade-row.ts';
import { reasonText } from '../../report/reason-text.ts';
import { reportName } from '../../report/report-name.ts';
import { upgradeCsv } from '../../report/upgrade-csv.ts';
import { upgradeJson } from '../../report/upgrade-json.ts';
import { upgradeInput, warned } from '../rig/upgrade.ts';

const row = (facts: Partial<Row> = {}): Row => ({
  ...newRow({
    workspaceId: 'ws-000000001',
    computerName: 'WSAMZN-1',
    userName: 'ana',
    directoryId: 'd-9000000001',
    bundleId: 'wsb-000000001',
    instanceIds: [],
    action: 'rebuild',
    windowRule: null,
    wave: 0,
    state: 'AVAILABLE',
  }),
  ...facts,
});

const rebuilt = row({
  outcome: 'rebuilt',
  baselineSnapshot: '2026-03-02T01:00:00.000Z',
  freshSnapshot: '2026-03-02T13:00:00.123Z',
  notified: 'delivered',
  rebuildRequestedAt: '2026-03-02T13:05:10.900Z',
  rebuildConfirmedAt: '2026-03-02T13:41:00.000Z',
  dataLossWindowSeconds: 0,
});

describe('the CSV report', () => {
  it('has the nine known columns first, in their order and formats', () => {
    assert.equal(
      upgradeCsv(warned(1_800, 300), [rebuilt]),
      'WorkspaceId,ComputerName,BaselineSnapshotIso,FreshSnapshotIso,NotifySeconds,UserNotified,RebuildRequested,' +
        'RebuildRequestedAt,TimedOutWaiting,Outcome,Reason,RebuildConfirmedAt,DataLossWindowSeconds,BundleId,UserName,' +
        'DirectoryId,Action,NewWorkspaceId,Wave,Notified\r\n' +
        'ws-000000001,WSAMZN-1,2026-03-02T01:00:00Z,2026-03-02T13:00:00Z,1800,True,True,2026-03-02T13:05:10Z,False,' +
        'rebuilt,,2026-03-02T13:41:00Z,0,wsb-000000001,ana,d-9000000001,rebuild,,1,delivered\r\n',
    );
  });

  it('leaves what is not there empty', () => {
    const timedOut = row({ outcome: 'timedOutWaiting', reason: { code: 'noFreshSnapshot' } });
    assert.equal(
      upgradeCsv(warned(), [timedOut]).split('\r\n')[1],
      'ws-000000001,WSAMZN-1,,,0,False,False,,True,timedOutWaiting,no newer snapshot in time,,,wsb-000000001,ana,' +
        'd-9000000001,rebuild,,1,',
    );
  });

  it('says of a user who could not be reached that nobody was warned, and last why not', () => {
    for (const notified of ['noAgent', 'failed', null] as const) {
      const cells = upgradeCsv(warned(60), [row({ notified })])
        .split('\r\n')[1]
        ?.split(',');
      assert.deepEqual([cells?.[5], cells?.at(-1)], ['False', notified ?? '']);
    }
  });

  it('is one line of names when there are no WorkSpaces', () => {
    assert.match(upgradeCsv(warned(), []), /^WorkspaceId,[^\r\n]+,Wave,Notified\r\n$/);
  });

  it('names the WorkSpace that took the place of one that was migrated, and the wave as people count', () => {
    const migrated = row({ action: 'migrate', outcome: 'migrated', newWorkspaceId: 'ws-000000009', wave: 2 });
    assert.match(upgradeCsv(warned(), [migrated]), /,migrated,.*,migrate,ws-000000009,3,\r\n$/);
  });

  for (const name of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx']) {
    it(`makes a name that begins with ${JSON.stringify(name[0])} inert in spreadsheets`, () => {
      const line = upgradeCsv(warned(), [row({ userName: name, workspaceId: name })]).slice(
        upgradeCsv(warned(), []).length,
      );
      assert.ok(line.startsWith(`'${name},`) || line.startsWith(`"'${name}",`), line);
    });
  }

  it('quotes a reason that holds commas and quotes', () => {
    const failed = row({ outcome: 'rebuildFailed', reason: { code: 'failed', detail: 'a, "b"' } });
    assert.match(upgradeCsv(warned(), [failed]), /,"the rebuild ended in a failure: a, ""b""",/);
  });
});

describe('the JSON report', () => {
  const input = upgradeInput();
  const head = {
    run: { workflowId: 'image-upgrade/111122223333/eu-central-1/wsb-000000001', runId: 'r' },
    input,
    previousImageId: 'wsi-000000001',
    startedAt: '2026-03-02T01:00:00.000Z',
    endedAt: '2026-03-02T15:00:00.000Z',
    aborted: null,
    approved: { by: 'ana@ops-1', reason: 'CHG-1234' },
    bundleSetTo: 'wsi-000000002',
    present: { maxConcurrent: 25, maxFailures: '10%', windows: [] },
    waves: [{ beganAt: '2026-03-02T01:00:00.000Z', endedAt: '2026-03-02T15:00:00.000Z' }],
    steering: [
      { at: '2026-03-02T09:00:00Z', what: 'pause', by: 'ana@ops-1', reason: 'lunch', answer: 'no new rebuild' },
    ],
  };

  it('names its schema, the parameters, what they were changed to, the previous image, and the totals per outcome', () => {
    const skipped = row({ outcome: 'skipped', reason: { code: 'otherBundle', detail: 'wsb-000000009' } });
    const report = JSON.parse(upgradeJson(head, [rebuilt, skipped, row()]));
    assert.equal(report.schema, 'holdfast/image-upgrade-report/1');
    assert.deepEqual(report.parameters, input);
    assert.deepEqual(report.present, { maxConcurrent: 25, maxFailures: '10%', windows: [] });
    assert.equal(report.previousImageId, 'wsi-000000001');
    assert.deepEqual(report.totals, {
      workspaces: 3,
      rebuilt: 1,
      migrated: 0,
      rebuildFailed: 0,
      rebuildUnconfirmed: 0,
      timedOutWaiting: 0,
      skipped: 1,
      aborted: 0,
      unfinished: 1,
      warned: 1,
    });
    assert.deepEqual(report.workspaces[1].reason, {
      code: 'otherBundle',
      detail: 'wsb-000000009',
      text: 'is on another bundle: wsb-000000009',
    });
  });

  it('tells who approved it, what people did meanwhile, when its waves were and what the bundle is set to', () => {
    const report = JSON.parse(upgradeJson(head, []));
    assert.deepEqual(report.approved, head.approved);
    assert.deepEqual(report.steering, head.steering);
    assert.deepEqual(report.waves, head.waves);
    assert.equal(report.bundleSetTo, 'wsi-000000002');
  });

  it('tells of each WorkSpace its wave, what upgrades it, how often it was begun again and what blocks it', () => {
    const blocked = { code: 'AccessDenied', message: 'no', remedy: 'allow it', since: '2026-03-02T09:00:00Z' };
    const [first] = JSON.parse(upgradeJson(head, [row({ wave: 1, retries: 2, blocked })])).workspaces;
    assert.deepEqual([first.wave, first.action, first.newWorkspaceId, first.retries], [2, 'rebuild', null, 2]);
    assert.deepEqual(first.blocked, blocked);
  });

  it('keeps names as they are: JSON runs no formulas', () => {
    assert.equal(JSON.parse(upgradeJson(head, [row({ userName: '=1' })])).workspaces[0].userName, '=1');
  });
});

describe('the names of the reports', () => {
  it('carry the instant to the second, in UTC', () => {
    assert.deepEqual(reportName('workspaces-upgrades/', '2026-03-02T15:04:05.678Z'), {
      csv: 'workspaces-upgrades/workspaces-upgrade-report-20260302T150405Z.csv',
      json: 'workspaces-upgrades/workspaces-upgrade-report-20260302T150405Z.json',
    });
  });
});

describe('a reason', () => {
  it('is a sentence, with what AWS said after it', () => {
    assert.equal(reasonText({ reason: null }), '');
    assert.equal(reasonText({ reason: { code: 'gone' } }), 'does not exist any more');
    assert.equal(
      reasonText({ reason: { code: 'refused', detail: 'OperationNotSupportedException' } }),
      'AWS refused the rebuild: OperationNotSupportedException',
    );
  });
});
