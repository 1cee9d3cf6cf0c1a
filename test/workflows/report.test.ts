import assert from 'node:assert/strict';
import type { Row } from '../../domain/upgrade-row.ts';
import { NO_SELECTION } from '../../domain/selection.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { buckets, objects } from '../../sandbox/services/s3/rows.ts';
import { bundles } from '../../sandbox/services/workspaces/rows.ts';
import { abortUpdate, type ImageUpgradeResult } from '../../workflows/image-upgrade.messages.ts';
import { filesOf, idOf, reportOf } from '../rig/truth.ts';
import { type Rig, rowsOf, startRig, startUpgrade, upgradeInput, waitUntil, warned, withRig } from '../rig/upgrade.ts';
import { desktopOf, HOUR } from '../rig/world.ts';

const PREFIX = 'reports/upgrades/';
const NOBODY = { ...NO_SELECTION, allOf: [{ key: 'Env', value: 'Nobody' }] };

/** The lines of a CSV file, each by its column names. */
function parse(csv: string): Record<string, string>[] {
  const cells = (line: string): string[] =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
      ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
    );
  const [head = '', ...lines] = csv.trimEnd().split('\r\n');
  const names = cells(head);
  return lines.map((line) => Object.fromEntries(cells(line).map((cell, index) => [names[index] ?? '?', cell])));
}

const fileOf = async (rig: Rig, ending: string): Promise<string> =>
  Object.entries(await filesOf(rig)).find(([key]) => key.endsWith(ending))?.[1] ?? assert.fail(`no ${ending}`);

describe('the report of a run', () => {
  let rig: Rig;
  let result: ImageUpgradeResult;
  let rows: readonly Row[];
  let lines: readonly Record<string, string>[];
  const [REBUILT, FAILED, STUCK, LATE, STANDBY] = [0, 1, 2, 3, 4];

  before(async function () {
    this.timeout(120_000);
    const special = {
      quiet: [REBUILT, FAILED, STUCK],
      rebuildFails: [FAILED],
      rebuildStuck: [STUCK],
      noFreshSnapshot: [LATE],
      standby: [STANDBY],
      noAgent: [FAILED],
    };
    const outside = { otherBundle: 1, untagged: 1 };
    rig = await startRig({ fleet: plainFleet(5, { special, outside, rebuildMinutes: [15, 15] }), speed: 1000 });
    const upgrade = await startUpgrade(
      rig,
      upgradeInput({
        ...warned(60),
        waitTimeoutMinutes: 30,
        rebuildTimeoutMinutes: 40,
        report: { bucket: WELL_KNOWN.reportBucket, prefix: PREFIX, kmsKeyArn: rig.fleet.reportKeyArn },
      }),
    );
    result = await upgrade.result();
    rows = await rowsOf(rig, upgrade);
    lines = parse(await fileOf(rig, '.csv'));
  });
  after(() => rig.close());

  const lineOf = (workspaceId: string): Record<string, string> =>
    lines.find((line) => line['WorkspaceId'] === workspaceId) ?? assert.fail(`${workspaceId} is not in the report`);
  const seconds = (iso: string | null): string => (iso ?? '').replace(/\.\d+Z$/, 'Z');

  it('is two objects under the prefix, named by when it ended, and nothing else is left', async () => {
    const keys = Object.keys(await filesOf(rig)).toSorted((a, b) => a.localeCompare(b));
    assert.equal(keys.length, 2, keys.join(' '));
    const stem = /^reports\/upgrades\/workspaces-upgrade-report-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.(csv|json)$/;
    const [, year, month, day, hour, minute, second] = stem.exec(keys[0] ?? '') ?? assert.fail(keys[0]);
    assert.match(keys[1] ?? '', stem);
    assert.deepEqual(
      [result.report?.csv, result.report?.json],
      keys.map((key) => `s3://${WELL_KNOWN.reportBucket}/${key}`),
    );
    const ended = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    const last = Math.max(...rows.map(({ rebuildConfirmedAt }) => Date.parse(rebuildConfirmedAt ?? '') || 0));
    assert.ok(ended >= last && ended <= rig.sandbox.clock.now(), 'the run’s end is AWS’s time');
  });

  it('is encrypted under the key that was given', () => {
    const bucket = buckets(rig.sandbox.world).get(WELL_KNOWN.reportBucket) ?? assert.fail('no bucket');
    for (const { key, encryption } of objects(rig.sandbox.world, bucket).values()) {
      assert.deepEqual([encryption.algorithm, encryption.keyArn], ['aws:kms', rig.fleet.reportKeyArn], key);
    }
  });

  it('holds each WorkSpace that carries the tag once, and no other', () => {
    const selected = [...rig.fleet.members, ...rig.fleet.onOtherBundle].map(({ workspaceId }) => workspaceId);
    assert.deepEqual(
      lines.map((line) => line['WorkspaceId'] ?? '').toSorted((a, b) => a.localeCompare(b)),
      selected.toSorted((a, b) => a.localeCompare(b)),
    );
  });

  it('tells of a rebuilt WorkSpace all that the earlier tool told, and what is new', () => {
    const row = rows[REBUILT] as Row;
    const desktop = desktopOf(rig, REBUILT);
    assert.deepEqual(lineOf(idOf(rig, REBUILT)), {
      WorkspaceId: desktop.workspaceId,
      ComputerName: desktop.computerName,
      BaselineSnapshotIso: seconds(row.baselineSnapshot),
      FreshSnapshotIso: seconds(row.freshSnapshot),
      NotifySeconds: '60',
      UserNotified: 'True',
      RebuildRequested: 'True',
      RebuildRequestedAt: seconds(row.rebuildRequestedAt),
      TimedOutWaiting: 'False',
      Outcome: 'rebuilt',
      Reason: 'its newest snapshot is later than anything its user did: no newer one was needed',
      RebuildConfirmedAt: seconds(row.rebuildConfirmedAt),
      DataLossWindowSeconds: '0',
      BundleId: WELL_KNOWN.bundleId,
      UserName: desktop.userName,
      DirectoryId: WELL_KNOWN.directoryId,
      Action: 'rebuild',
      NewWorkspaceId: '',
      Wave: '1',
      Notified: 'delivered',
    });
    assert.match(row.rebuildRequestedAt ?? '', /^2026-03-02T/, 'there is something to compare');
  });

  const OTHERS: readonly (readonly [index: number, expected: Record<string, string>])[] = [
    [FAILED, { Outcome: 'rebuildFailed', RebuildRequested: 'True', UserNotified: 'False', RebuildConfirmedAt: '' }],
    [STUCK, { Outcome: 'rebuildUnconfirmed', RebuildRequested: 'True', UserNotified: 'True', RebuildConfirmedAt: '' }],
    [LATE, { Outcome: 'timedOutWaiting', RebuildRequested: 'False', TimedOutWaiting: 'True', FreshSnapshotIso: '' }],
    [STANDBY, { Outcome: 'skipped', RebuildRequested: 'False', TimedOutWaiting: 'False', BaselineSnapshotIso: '' }],
  ];
  for (const [index, expected] of OTHERS) {
    it(`tells of one that ended as ‘${expected['Outcome']}’ what is true of it`, () => {
      const line = lineOf(idOf(rig, index));
      for (const [column, value] of Object.entries(expected)) assert.equal(line[column], value, column);
      assert.notEqual(line['Reason'], '');
    });
  }

  it('tells of one that is on another bundle which one that is', () => {
    const line = lineOf(rig.fleet.onOtherBundle[0]?.workspaceId ?? '');
    assert.equal(line['Outcome'], 'skipped');
    assert.equal(line['Reason'], `is on another bundle: ${WELL_KNOWN.otherBundleId}`);
    assert.equal(line['BundleId'], WELL_KNOWN.otherBundleId);
  });

  it('has a twin in JSON with the parameters and the totals', async () => {
    const { totals, ...twin } = (await reportOf(rig)) as Awaited<ReturnType<typeof reportOf>> & Record<string, unknown>;
    assert.deepEqual(totals, {
      workspaces: 6,
      rebuilt: 1,
      migrated: 0,
      rebuildFailed: 1,
      rebuildUnconfirmed: 1,
      timedOutWaiting: 1,
      skipped: 2,
      aborted: 0,
      unfinished: 0,
      warned: 2,
    });
    assert.equal(twin['previousImageId'], WELL_KNOWN.oldImageId);
    assert.equal((twin['parameters'] as { imageId: string }).imageId, WELL_KNOWN.newImageId);
    assert.deepEqual(
      twin.workspaces.map(({ workspaceId, outcome }) => [workspaceId, outcome]),
      lines.map((line) => [line['WorkspaceId'], line['Outcome']]),
    );
  });

  it('agrees with the counts that the run answers', () => {
    const { rebuilt, rebuildFailed, rebuildUnconfirmed, timedOutWaiting, skipped, waiting, rebuilding } = result.counts;
    assert.deepEqual(
      { rebuilt, rebuildFailed, rebuildUnconfirmed, timedOutWaiting, skipped, waiting, rebuilding },
      {
        rebuilt: 1,
        rebuildFailed: 1,
        rebuildUnconfirmed: 1,
        timedOutWaiting: 1,
        skipped: 2,
        waiting: 0,
        rebuilding: 0,
      },
    );
    assert.equal(result.outcome, 'partiallyFailed');
  });
});

describe('the report', () => {
  it('is written when nothing carried the tag, and the bundle stays as it is', async () => {
    await withRig({ fleet: plainFleet(1), speed: 1000 }, async (rig) => {
      const { outcome, counts, report } = await (await startUpgrade(rig, upgradeInput({ selection: NOBODY }))).result();
      assert.equal(outcome, 'nothingToDo');
      assert.ok(Object.values(counts).every((count) => count === 0));
      assert.equal(bundles(rig.fleet.place).get(WELL_KNOWN.bundleId)?.images.length, 1);
      assert.deepEqual(parse(await fileOf(rig, '.csv')), []);
      assert.equal((await reportOf(rig)).totals['workspaces'], 0);
      assert.match(report?.csv ?? '', /^s3:\/\/holdfast-reports\/workspaces-upgrades\/.*\.csv$/);
    });
  });

  it('is written when the run was aborted, with when and why', async () => {
    await withRig({ fleet: plainFleet(2), speed: 1000 }, async (rig) => {
      for (const index of [0, 1]) {
        desktopOf(rig, index).snapshotEpochs = [{ from: 0, first: rig.fleet.start - HOUR, to: null }];
      }
      const upgrade = await startUpgrade(rig);
      await waitUntil('both wait for their snapshots', async () => {
        const rows = await rowsOf(rig, upgrade);
        return rows.length === 2 && rows.every(({ step }) => step === 'snapshot');
      });
      await upgrade.executeUpdate(abortUpdate, { args: [{ reason: 'the image is broken' }] });
      assert.equal((await upgrade.result()).outcome, 'aborted');
      const { totals, aborted } = await reportOf(rig);
      assert.deepEqual([totals['workspaces'], totals['aborted'], aborted?.reason], [2, 2, 'the image is broken']);
      for (const line of parse(await fileOf(rig, '.csv'))) {
        assert.deepEqual([line['Outcome'], line['Reason']], ['aborted', 'the run was aborted']);
      }
    });
  });
});
