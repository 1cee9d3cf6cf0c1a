import assert from 'node:assert/strict';
import { waitsForPerson } from '../../client/attention-text.ts';
import type { UpgradeView } from '../../client/upgrade-run.ts';
import { upgradeText } from '../../client/upgrade-text.ts';
import type { Row } from '../../domain/upgrade-row.ts';
import { input, plan, row, view } from './upgrade-view.ts';

describe('an upgrade that people steer', () => {
  const FLAGS = '--account 111122223333 --region eu-central-1 --bundle wsb-0fleet0001';
  const steered = (status: Partial<UpgradeView['status']>, rows: readonly Row[] = []): UpgradeView => {
    const usual = view(rows);
    return { ...usual, status: { ...usual.status, ...status } };
  };
  const halt = { kind: 'held', reason: '3 of 9 failed, more than 2 allow', at: '2026-03-02T09:30:00Z' } as const;
  const blocked = (number: number): Row =>
    row(number, {
      blocked: {
        code: 'AccessDenied',
        message: 'not authorized to perform workspaces:RebuildWorkspaces',
        remedy: 'allow it to the worker’s role',
        since: `2026-03-02T09:0${number}:00Z`,
      },
    });

  it('that holds says why, what the bundle is set to, and what can be done', () => {
    const held = steered({ halt, bundleSetTo: 'wsi-0fleet0001' });
    const text = upgradeText(held);
    assert.match(text, /^Held since 2026-03-02 09:30 UTC: 3 of 9 failed, more than 2 allow$/m);
    assert.match(text, /the bundle was set back to wsi-0fleet0001/);
    for (const words of ['resume', 'abort', 'abort --rollback']) {
      assert.ok(text.includes(`\n  holdfast upgrade ${words} ${FLAGS}\n`) || text.endsWith(`${words} ${FLAGS}`), words);
    }
    assert.match(upgradeText(steered({ halt, bundleSetTo: input.imageId })), /the bundle has the new image/);
    assert.equal(waitsForPerson(held), true);
  });

  it('that holds offers no way back where there is none, and says why', () => {
    const why = 'the bundle carries wsi-0fleet0002 already: there is no image to go back to';
    const text = upgradeText(steered({ halt, plan: { ...plan, rollback: { possible: false, why } } }));
    assert.match(text, /the bundle carried wsi-0fleet0002 already before the run, and still does\. Go on, or end it:/);
    assert.ok(text.includes(`\n  holdfast upgrade abort ${FLAGS}\nThere is no rollback: ${why}`), text);
    assert.doesNotMatch(text, /--rollback|set back/);
  });

  it('that holds offers to rebuild onto the previous image what may carry the new one, if anything may', () => {
    const status = { halt, bundleSetTo: 'wsi-0fleet0001' };
    const offer = `\n  holdfast upgrade abort --rollback --rebuild ${FLAGS}`;
    assert.ok(upgradeText(steered(status, [row(1, { outcome: 'rebuilt' })])).includes(offer));
    assert.ok(upgradeText(steered(status, [row(1, { outcome: 'rebuildFailed' })])).includes(offer));
    assert.ok(!upgradeText(steered(status, [row(1, { outcome: 'skipped' })])).includes(offer));
  });

  it('that is aborted waits for nobody, although it stays halted', () => {
    const aborted = steered({ halt, aborted: { reason: null, at: '2026-03-02T09:40:00Z' } });
    assert.doesNotMatch(upgradeText(aborted), /Held|resume/);
    assert.equal(waitsForPerson(aborted), false);
  });

  it('that is paused says so, and waits for nobody else', () => {
    const paused = steered({ halt: { ...halt, kind: 'paused', reason: 'the helpdesk is overrun' } });
    assert.match(
      upgradeText(paused),
      /^Paused since .*: the helpdesk is overrun\n {2}holdfast upgrade resume --account/m,
    );
    assert.equal(waitsForPerson(paused), false);
  });

  it('that waits for approval says until when, with the hash of its plan in the command', () => {
    const waiting = steered({ phase: 'awaitingApproval', approvalExpiresAt: '2026-03-03T08:00:10Z' });
    assert.match(
      upgradeText(waiting),
      /^Waits for approval of its plan, until 2026-03-03 08:00 UTC; nothing is changed/m,
    );
    assert.ok(upgradeText(waiting).includes(`holdfast upgrade approve ${plan.hash} ${FLAGS}`));
    assert.equal(waitsForPerson(waiting), true);
    assert.equal(waitsForPerson({ ...waiting, execution: 'TERMINATED' }), false);
  });

  it('names blocked WorkSpaces by cause, with the remedy and the command that resumes them', () => {
    const some = steered({}, [blocked(2), blocked(1), blocked(3), row(4)]);
    const text = upgradeText(some, 2);
    assert.match(text, /^Blocked since 2026-03-02 09:01 UTC: 3 WorkSpaces, AccessDenied: not authorized to perform/m);
    assert.match(text, /^To do: allow it to the worker’s role; then$/m);
    assert.ok(text.includes(`\n  holdfast upgrade resume ${FLAGS}\n  holdfast upgrade resume ws-000000001 ${FLAGS}\n`));
    assert.match(text, /ws-000000002 .*\n {2}ws-000000001 .*\n {2}and 1 more/);
    assert.match(text, /blocked +3 /);
    assert.equal(waitsForPerson(some), true);
  });

  it('that holds is not resumed for the sake of those that are blocked', () => {
    const text = upgradeText(steered({ halt }, [blocked(1), blocked(2)]));
    const [, ofBlocked = ''] = text.split('Blocked since');
    assert.ok(!ofBlocked.includes(`holdfast upgrade resume ${FLAGS}`));
  });

  it('shows its wave, until when it soaks, and what the bundle is set to', () => {
    const wave = { open: 1, of: 5, soakEndsAt: '2026-03-02T11:00:00Z' };
    assert.match(
      upgradeText(steered({ wave, bundleSetTo: input.imageId })),
      /^wave 2 of 5, the next not before 2026-03-02 11:00 UTC · the bundle is set to wsi-0fleet0002$/m,
    );
  });

  it('shows who is deferred until when, and not who was', () => {
    const rows = [row(1, { deferredUntil: '2026-03-02T12:00:00Z' }), row(2, { deferredUntil: '2026-03-02T09:00:00Z' })];
    assert.match(upgradeText(view(rows)), /Deferred\n {2}ws-000000001 .* not before 2026-03-02 12:00 UTC$/m);
    assert.doesNotMatch(upgradeText(view(rows)), /ws-000000002/);
  });

  it('shows the last things that people did', () => {
    const line = (number: number) => ({
      at: '2026-03-02T09:00:00Z',
      what: `skip ws-00000000${number}`,
      by: 'ana@ops-1',
      reason: number === 6 ? 'presents tonight' : null,
      answer: 'it is not rebuilt in this run',
    });
    const text = upgradeText(steered({ steering: [1, 2, 3, 4, 5, 6].map(line) }));
    assert.match(text, /skip ws-000000006 by ana@ops-1 \(presents tonight\): it is not rebuilt in this run$/m);
    assert.doesNotMatch(text, /ws-000000001/);
  });

  it('names the run that rebuilds onto the previous image', () => {
    const rollback = 'image-upgrade/111122223333/eu-central-1/wsb-0fleet0001/rollback';
    assert.ok(upgradeText(steered({ rollback })).includes(`holdfast upgrade status ${FLAGS} --rollback-run`));
  });
});
