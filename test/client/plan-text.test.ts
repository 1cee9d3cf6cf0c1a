import assert from 'node:assert/strict';
import { planRowsText, planSummaryText, planTroubleText } from '../../client/plan-text.ts';
import { parseWindow } from '../../client/window-flag.ts';
import type { PlanRow } from '../../domain/upgrade-plan.ts';
import { warned } from '../rig/upgrade.ts';
import { input, plan } from './upgrade-view.ts';

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
    action: 'rebuild',
    wave: 0,
    windowRule: null,
    ...facts,
  });

  it('lists WorkSpaces by when their snapshots are due, and those that are left out at the end with the reason', () => {
    const text = planRowsText([
      planRow('ws-skipped', { verdict: 'skipped', wave: null, reason: { code: 'otherBundle', detail: 'wsb-1' } }),
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
        'WORKSPACE|COMPUTER|USER|STATE|WAVE|NEXT SNAPSHOT|VERDICT',
        'ws-soon|AVAILABLE|1|2026-03-02 09:10 UTC|upgraded',
        'ws-late|AVAILABLE|1|2026-03-03 23:10 UTC|not upgraded: its snapshot is due after the wait timeout',
        'ws-first|SUSPENDED|1|its first|upgraded, when its state allows',
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
    const text = planSummaryText({ ...input, ...warned(1_800, 300) }, plan);
    assert.match(text, /image +wsi-0fleet0001 → wsi-0fleet0002$/m);
    assert.match(
      text,
      /4 selected \(Env=Prod\), 5 on the bundle: 3 to upgrade \(1 of them once their state allows\), 1 left out/,
    );
    assert.match(text, /are warned 30 min and 5 min before; 2 cannot be/);
    assert.match(text, /until 900 minutes after the start, which 1 will miss/);
    assert.match(text, /! users of d-1 may rebuild/);
    assert.doesNotMatch(text, /problem/);
  });

  it('lists wave by wave, and says who is migrated', () => {
    const text = planRowsText([
      planRow('ws-second', { wave: 1, dueAt: '2026-03-02T09:10:00Z' }),
      planRow('ws-first', { wave: 0, dueAt: '2026-03-02T19:10:00Z', action: 'migrate' }),
    ]);
    assert.deepEqual(text.match(/^ws-\w+/gm), ['ws-first', 'ws-second']);
    assert.match(text, /^ws-first .* 1 +2026-03-02 19:10 UTC +upgraded, by migration$/m);
  });

  it('tells its hash, and whether the bundle can go back', () => {
    assert.match(planSummaryText(input, plan), /^ {2}hash +0{64}$/m);
    assert.match(planSummaryText(input, plan), /^ {2}rollback +possible, to wsi-0fleet0001$/m);
    const rollback = { possible: false, why: 'wsi-0fleet0001 does not exist any more' };
    assert.match(
      planSummaryText(input, { ...plan, rollback }),
      /^ {2}rollback +impossible: wsi-0fleet0001 does not exist any more$/m,
    );
  });

  it('tells its waves, and what failures do', () => {
    const waves = { ...input.waves, soakMinutes: 30, maxFailures: '10%' };
    const text = planSummaryText({ ...input, waves }, { ...plan, waves: [5, 20, 175] });
    assert.match(
      text,
      /waves +5, then 20, then 175 WorkSpaces, 30 min after each; when more than 10% have failed, it holds/,
    );
    assert.match(text, /the bundle goes back to its previous image$/m);
    assert.match(planSummaryText({ ...input, waves, keepBundle: true }, plan), /the bundle keeps the new image$/m);
    assert.match(planSummaryText(input, plan), /waves +one; failures never stop it \(no --max-failures\)$/m);
  });

  it('tells its windows and what becomes of users who are connected', () => {
    const windows = [parseWindow('tag Vip=yes: Sun 08:00-20:00 UTC'), parseWindow('Sat 08:00-20:00 UTC')];
    const connectedUsers = { ...input.connectedUsers, policy: 'wait' } as const;
    const text = planSummaryText({ ...input, windows, connectedUsers }, plan);
    assert.match(
      text,
      /windows +tag Vip=yes: Sun 08:00-20:00 UTC\n +Sat 08:00-20:00 UTC\n.* passes waits for the next/,
    );
    assert.match(text, /users who are connected are waited for, at most 4 h, then left out$/m);
    assert.match(planSummaryText(input, plan), /windows +none: at any time\n/);
  });

  it('tells what it will take and what that rests on, plainly when AWS’s call rate decides', () => {
    const forecast = {
      finish: '2026-03-03T00:00:10Z',
      waves: ['2026-03-02T12:00:00Z', '2026-03-03T00:00:10Z'],
      decidedBy: 'callRate',
      calls: { workspaces: 1_400, ssm: 200, sns: 0 },
      cost: { amount: 0.02, currency: 'USD', pricesOf: '2026-11-21' },
      assumptions: ['A rebuild takes 40 minutes.'],
    } as const;
    const text = planSummaryText(input, { ...plan, forecast });
    assert.match(
      text,
      /finish +about 2026-03-03 00:00 UTC, 16 h after the start: AWS’s call rate decides it, not the snapshots/,
    );
    assert.match(text, /waves end +wave 1 about 2026-03-02 12:00 UTC\n +wave 2 about 2026-03-03 00:00 UTC/);
    assert.match(text, /AWS calls +1400 workspaces, 200 ssm: 0\.02 USD, by prices of 2026-11-21/);
    assert.match(text, /This rests on:\n {2}- A rebuild takes 40 minutes\./);
    assert.match(
      planSummaryText(input, { ...plan, forecast: { ...forecast, decidedBy: 'cap' } }),
      /the cap decides it: --max-concurrent/,
    );
  });

  it('ends with its problems', () => {
    const text = planSummaryText(input, { ...plan, problems: [{ code: 'image', message: 'the image is gone' }] });
    assert.match(text, /1 problem: nothing can be upgraded until this is mended\n {2}✗ the image is gone$/);
  });
});
