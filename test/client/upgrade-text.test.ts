import assert from 'node:assert/strict';
import { bar, table } from '../../client/text.ts';
import { resultText, throwByOutcome } from '../../client/upgrade-result.ts';
import type { UpgradeView } from '../../client/upgrade-run.ts';
import { upgradeLine, upgradeText } from '../../client/upgrade-text.ts';
import { countPhases } from '../../domain/upgrade-row.ts';
import type { ImageUpgradeResult } from '../../workflows/image-upgrade.messages.ts';
import { input, plan, row, view } from './upgrade-view.ts';

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
    const text = upgradeText({
      ...ended,
      status: { ...ended.status, phase: 'done', aborted: { at: plan.asOf, reason: null }, report },
    });
    assert.match(text, /done \(completed\) · aborted · began .* · ended 2026-03-02 10:00 UTC$/m);
    assert.match(text, /Reports\n {2}s3:\/\/holdfast-reports\/a\.csv\n {2}s3:/);
    assert.doesNotMatch(text, /end about|Last endings/);
  });

  it('is nothing but that while the fleet is read', () => {
    const { status, ...rest } = view([], { counts: countPhases([]), now: null, eta: null });
    const during = (phase: 'preflight' | 'awaitingApproval'): string =>
      upgradeText({ ...rest, status: { ...status, phase } });
    assert.match(during('preflight'), /Reading the fleet; nothing is changed yet/);
    assert.doesNotMatch(during('awaitingApproval'), /Reading the fleet/);
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

  it('says what of its limits was changed, and nothing of those that are as they were', () => {
    const usual = view([rebuilt]);
    const open = [{ days: ['sat', 'sun'], from: '08:00', to: '20:00', timeZone: 'Europe/Berlin' }] as const;
    const present = { maxConcurrent: 25, maxFailures: null, windows: [{ directoryId: null, tag: null, open }] };
    assert.match(
      upgradeText({ ...usual, status: { ...usual.status, present } }),
      /^changed while it ran: rebuilds at once: 25 \(at the start: 10\) · windows: "Sat,Sun 08:00-20:00 Europe\/Berlin" \(at the start: none\)$/m,
    );
    assert.doesNotMatch(upgradeText(usual), /changed/);
  });

  it('says on its one line why nothing more begins, and when a person must look', () => {
    const usual = view([rebuilt]);
    const lineOf = (facts: Partial<UpgradeView['status']>): string =>
      upgradeLine({ ...usual, status: { ...usual.status, ...facts } });
    const person = /waits for a person, see: holdfast upgrade status --account 111122223333 .* wsb-0fleet0001$/;
    const halt = { reason: '3 of 9 have failed, 2 may', at: '2026-03-02T09:30:00Z' };
    assert.match(lineOf({ halt: { ...halt, kind: 'held' } }), /1 rebuilt · .*held: 3 of 9 have failed, 2 may · /);
    assert.match(lineOf({ halt: { ...halt, kind: 'held' } }), person);
    assert.match(lineOf({ halt: { kind: 'paused', reason: 'lunch', at: halt.at } }), / · paused: lunch$/);
    const approval = { phase: 'awaitingApproval', approvalExpiresAt: '2026-03-03T08:00:10Z' } as const;
    assert.match(lineOf(approval), / · waits for approval, until 2026-03-03 08:00 UTC · /);
    assert.match(lineOf(approval), person);
    const blocked = { code: 'AccessDenied', message: 'no', remedy: 'allow it', since: '2026-03-02T09:00:00Z' };
    assert.match(upgradeLine(view([row(5, { blocked })])), /1 blocked · /);
    assert.match(upgradeLine(view([row(5, { blocked })])), person);
  });

  it('is one line where there is no terminal', () => {
    assert.equal(
      upgradeLine(view([rebuilding, rebuilt, row(4)])),
      '2026-03-02 10:00 UTC · 1 waiting for a snapshot · 1 rebuilding · 1 rebuilt · 1 left out',
    );
  });
});

describe('the end of an upgrade', () => {
  const result = (outcome: ImageUpgradeResult['outcome']): ImageUpgradeResult => ({
    outcome,
    plan,
    counts: { ...countPhases([rebuilt, failed]), skipped: 1 },
    previousImageId: 'wsi-0fleet0001',
    bundleSetTo: 'wsi-0fleet0002',
    rollback: null,
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

  it('tells what the bundle is set to, and what became of the rebuilds onto the previous image', () => {
    const { counts, report } = result('aborted');
    const text = resultText(input, {
      ...result('aborted'),
      bundleSetTo: 'wsi-0fleet0001',
      rollback: { outcome: 'completed', counts, report },
    });
    assert.match(text, /^The bundle is set to wsi-0fleet0001$/m);
    assert.match(text, /^Rebuilt onto the previous image: 1 \(completed\)\n {2}s3:\/\/b\/a\.csv$/m);
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
