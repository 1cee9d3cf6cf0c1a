import assert from 'node:assert/strict';
import { planRowsText, planSummaryText, planTroubleText } from '../../client/plan-text.ts';
import { bar, table } from '../../client/text.ts';
import { resultText, throwByOutcome } from '../../client/upgrade-result.ts';
import type { UpgradeView } from '../../client/upgrade-run.ts';
import { upgradeLine, upgradeText } from '../../client/upgrade-text.ts';
import { upgradeInput } from '../../client/upgrade-flags.ts';
import { countPhases, DEFAULTS, newRow, type Row } from '../../domain/image-upgrade.ts';
import type { PlanRow, PlanSummary } from '../../domain/upgrade-plan.ts';
import type { ImageUpgradeResult } from '../../workflows/image-upgrade.messages.ts';

const input = upgradeInput({
  ...DEFAULTS,
  account: '111122223333',
  region: 'eu-central-1',
  bundle: 'wsb-0fleet0001',
  image: 'wsi-0fleet0002',
  tag: { key: 'Env', value: 'Prod' },
  reportBucket: 'holdfast-reports',
});

const row = (number: number, facts: Partial<Row> = {}): Row => ({
  ...newRow({
    workspaceId: `ws-00000000${number}`,
    computerName: `WSAMZN-${number}`,
    userName: `user${number}`,
    directoryId: 'd-9000000001',
    bundleId: input.bundleId,
    instanceIds: [],
    state: 'AVAILABLE',
  }),
  ...facts,
});

const plan: PlanSummary = {
  asOf: '2026-03-02T08:00:10Z',
  problems: [],
  notes: ['users of d-1 may rebuild'],
  bundle: { id: input.bundleId, name: 'office', imageId: 'wsi-0fleet0001' },
  previousImageId: 'wsi-0fleet0001',
  counts: { selected: 4, eligible: 2, later: 1, skipped: 1, outsideSelection: 0, withoutWarning: 2, dueTooLate: 1 },
  outsideSelection: [],
  selfServiceDirectories: [],
  poolIds: [],
};

function view(rows: readonly Row[], facts: Partial<UpgradeView> = {}): UpgradeView {
  const counts = { ...countPhases(rows), skipped: 1 };
  return {
    workflowId: 'image-upgrade/111122223333/eu-central-1/wsb-0fleet0001',
    runId: 'r',
    execution: 'RUNNING',
    failure: null,
    status: {
      phase: 'upgrading',
      input,
      plan,
      counts,
      cohorts: [],
      aborted: false,
      retrying: null,
      startedAt: plan.asOf,
      report: null,
    },
    counts,
    now: '2026-03-02T10:00:00Z',
    eta: '2026-03-02T16:28:00Z',
    retrying: [],
    rows,
    ...facts,
  };
}

const rebuilding = row(1, {
  step: 'confirm',
  rebuildRequestedAt: '2026-03-02T09:48:00Z',
  sawRebuilding: true,
  state: 'REBUILDING',
});
const failed = row(2, { outcome: 'rebuildFailed', reason: { code: 'failed', detail: 'InternalError' } });
const rebuilt = row(3, { outcome: 'rebuilt', rebuildConfirmedAt: '2026-03-02T09:40:00Z' });

describe('the view of an upgrade', () => {
  it('says how far it is and when it may end', () => {
    const text = upgradeText(view([rebuilding, failed, rebuilt, row(4)]));
    assert.match(
      text,
      /upgrading · began 2026-03-02 08:00 UTC · now 2026-03-02 10:00 UTC · end about 2026-03-02 16:28 UTC, in 6 h 28 min/,
    );
    assert.match(text, /█{24}▓{8}·{8} {2}3 of 5 WorkSpaces/);
    assert.match(text, /waiting for a snapshot +1 {2}■/);
    assert.match(text, /left out +1 {2}■/);
  });

  it('names who is under rebuild and since when, what failed and why, and the last endings', () => {
    const text = upgradeText(view([rebuilding, failed, rebuilt]));
    assert.match(text, /Rebuilding now\n {2}ws-000000001 +WSAMZN-1 +user1 +REBUILDING +12 min/);
    assert.match(
      text,
      /Not upgraded\n {2}ws-000000002 .* rebuild failed +the rebuild ended in a failure: InternalError/,
    );
    assert.match(text, /Last endings\n {2}ws-000000003 .* rebuilt/);
  });

  it('counts what it does not list', () => {
    const many = Array.from({ length: 9 }, (_, index) =>
      row(index, { outcome: 'timedOutWaiting', reason: { code: 'noFreshSnapshot' } }),
    );
    assert.match(upgradeText(view(many), 4), /and 5 more/);
  });

  it('says that a run that ended has ended, and where its reports lie', () => {
    const ended = view([rebuilt], { execution: 'COMPLETED', eta: null });
    const report = { csv: 's3://holdfast-reports/a.csv', json: 's3://holdfast-reports/a.json' };
    const text = upgradeText({ ...ended, status: { ...ended.status, phase: 'done', aborted: true, report } });
    assert.match(text, /done \(completed\) · aborted · began .* · ended 2026-03-02 10:00 UTC$/m);
    assert.match(text, /Reports\n {2}s3:\/\/holdfast-reports\/a\.csv\n {2}s3:/);
    assert.doesNotMatch(text, /end about|Last endings/);
  });

  it('is nothing but that while the fleet is read', () => {
    const { counts: _counts, ...rest } = view([]);
    const none = countPhases([]);
    assert.match(
      upgradeText({ ...rest, counts: none, now: null, eta: null }),
      /Reading the fleet; nothing is changed yet/,
    );
  });

  it('tells what a run failed with, and not that the fleet is being read', () => {
    const { counts: _counts, ...rest } = view([]);
    const dead = {
      ...rest,
      counts: countPhases([]),
      now: null,
      eta: null,
      execution: 'FAILED',
      failure: 'no such role',
    };
    assert.match(
      upgradeText(dead),
      /\(failed\).*\n\nNo WorkSpace was begun\n\nThe run did not come to its end: no such role/,
    );
    assert.match(upgradeLine(dead), /did not come to its end: no such role$/);
  });

  it('shows the problems of a run that was refused', () => {
    const refused = view([], { execution: 'COMPLETED' });
    const problems = [{ code: 'image', message: 'the image is gone' }] as const;
    const status = { ...refused.status, phase: 'refused', plan: { ...plan, problems } } as const;
    assert.match(upgradeText({ ...refused, status }), /^✗ the image is gone$/m);
  });

  it('is one line where there is no terminal', () => {
    assert.equal(
      upgradeLine(view([rebuilding, rebuilt, row(4)])),
      '2026-03-02 10:00 UTC · 1 waiting for a snapshot · 1 rebuilding · 1 rebuilt · 1 left out',
    );
  });
});

describe('a plan', () => {
  const planRow = (id: string, facts: Partial<PlanRow>): PlanRow => ({
    workspaceId: id,
    computerName: 'C',
    userName: 'u',
    directoryId: 'd-1',
    bundleId: input.bundleId,
    state: 'AVAILABLE',
    verdict: 'eligible',
    reason: null,
    ...facts,
  });

  it('lists WorkSpaces by when their snapshots are due, and those that are left out at the end with the reason', () => {
    const text = planRowsText([
      planRow('ws-skipped', { verdict: 'skipped', reason: { code: 'otherBundle', detail: 'wsb-1' } }),
      planRow('ws-late', { dueAt: '2026-03-03T23:10:00Z', dueTooLate: true }),
      planRow('ws-soon', { dueAt: '2026-03-02T09:10:00Z' }),
      planRow('ws-first', { snapshot: null, state: 'SUSPENDED', verdict: 'later' }),
    ]);
    assert.deepEqual(
      text.split('\n').map((line) =>
        line
          .split(/ {2,}/)
          .filter((cell) => cell !== 'C' && cell !== 'u')
          .join('|'),
      ),
      [
        'WORKSPACE|COMPUTER|USER|STATE|NEXT SNAPSHOT|VERDICT',
        'ws-soon|AVAILABLE|2026-03-02 09:10 UTC|upgraded',
        'ws-late|AVAILABLE|2026-03-03 23:10 UTC|not upgraded: its snapshot is due after the wait timeout',
        'ws-first|SUSPENDED|its first|upgraded, when its state allows',
        'ws-skipped|AVAILABLE|left out: is on another bundle: wsb-1',
      ],
    );
  });

  it('names before the question those that are left out, later or too late, and no others', () => {
    const text = planTroubleText([
      planRow('ws-soon', {}),
      planRow('ws-late', { dueTooLate: true }),
      planRow('ws-first', { state: 'SUSPENDED', verdict: 'later' }),
      planRow('ws-skipped', { verdict: 'skipped', reason: { code: 'standby' } }),
    ]);
    assert.match(text, /^Left out, later or too late: 3 of 4 WorkSpaces$/m);
    assert.deepEqual(text.match(/^ws-\w+/gm), ['ws-late', 'ws-first', 'ws-skipped']);
    assert.equal(planTroubleText([planRow('ws-soon', {})]), '');
  });

  it('sums up what would be done, and what an operator should know', () => {
    const text = planSummaryText({ ...input, notifySeconds: 300 }, plan);
    assert.match(text, /image +wsi-0fleet0001 → wsi-0fleet0002$/m);
    assert.match(text, /4 with Env=Prod: 3 to upgrade \(1 of them once their state allows\), 1 left out/);
    assert.match(text, /are warned 300 seconds before; 2 cannot be/);
    assert.match(text, /until 900 minutes after the start, which 1 will miss/);
    assert.match(text, /! users of d-1 may rebuild/);
    assert.doesNotMatch(text, /problem/);
  });

  it('ends with its problems', () => {
    const text = planSummaryText(input, { ...plan, problems: [{ code: 'image', message: 'the image is gone' }] });
    assert.match(text, /1 problem: nothing can be upgraded until this is mended\n {2}✗ the image is gone$/);
  });
});

describe('the end of an upgrade', () => {
  const result = (outcome: ImageUpgradeResult['outcome']): ImageUpgradeResult => ({
    outcome,
    plan,
    counts: { ...countPhases([rebuilt, failed]), skipped: 1 },
    previousImageId: 'wsi-0fleet0001',
    report: { csv: 's3://b/a.csv', json: 's3://b/a.json' },
    afterwards: ['stack x was deleted'],
  });

  it('tells the totals, the image before, the reports and what was removed', () => {
    const text = resultText(input, result('partiallyFailed'));
    assert.match(text, /rebuilt +1\n +rebuildFailed +1\n +skipped +1\n/);
    assert.match(text, /image before was wsi-0fleet0001/);
    assert.match(text, /s3:\/\/b\/a\.csv/);
    assert.match(text, /stack x was deleted$/);
  });

  for (const [outcome, exit] of [
    ['completed', null],
    ['nothingToDo', null],
    ['partiallyFailed', 'partlyFailed'],
    ['aborted', 'partlyFailed'],
    ['refused', 'failed'],
  ] as const) {
    it(`is ${exit ?? 'done'} for scripts when it is ${outcome}`, () => {
      if (exit === null) throwByOutcome(result(outcome));
      else assert.throws(() => throwByOutcome(result(outcome)), { exit });
    });
  }
});

describe('a bar', () => {
  it('is filled in proportion, and never longer than it is', () => {
    assert.equal(bar([{ count: 1, sign: '#' }], 4, 8), '##······');
    assert.equal(
      bar(
        [
          { count: 2, sign: '#' },
          { count: 2, sign: '+' },
        ],
        4,
        8,
      ),
      '####++++',
    );
    assert.equal(bar([{ count: 0, sign: '#' }], 0, 4), '····');
  });
});

describe('a table', () => {
  it('has columns as wide as their cells, and no spaces at the ends of lines', () => {
    assert.equal(
      table(
        ['A', 'B'],
        [
          ['long', ''],
          ['x', 'y'],
        ],
      ),
      'A     B\nlong\nx     y',
    );
  });
});
