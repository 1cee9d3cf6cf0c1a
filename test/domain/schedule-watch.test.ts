/** What the watchdog tells of schedules, and that it tells it once. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ScheduledRunSight, ScheduleSight } from '../../domain/schedule-sight.ts';
import { isOverdue, watch, type WatchState } from '../../domain/schedule-watch.ts';

const ID = 'holdfast/nightly';
const NOW = '2026-03-02T08:00:00.000Z';

const sight = (changes: Partial<ScheduleSight> = {}): ScheduleSight => ({
  scheduleId: ID,
  paused: false,
  pausedByFile: false,
  note: null,
  nextAt: '2026-04-01T02:00:00.000Z',
  missed: 0,
  skipped: 0,
  dropped: 0,
  invalid: null,
  runs: [],
  ...changes,
});

const run = (changes: Partial<ScheduledRunSight>): ScheduledRunSight => ({
  workflowId: 'scheduled/nightly-1',
  runId: '1',
  scheduledAt: NOW,
  startedAt: NOW,
  status: 'COMPLETED',
  outcome: 'completed',
  ...changes,
});

const look = (before: WatchState, sights: readonly ScheduleSight[], now = NOW) =>
  watch(before, { sights, declared: [{ id: ID, lastAt: null }], now });

/** Each state of the schedule looked at in turn, by the texts that are fresh. */
function told(...states: readonly Partial<ScheduleSight>[]): string[][] {
  let before: WatchState = {};
  return states.map((state) => {
    const { fresh, state: after } = look(before, [sight(state)]);
    before = after;
    return fresh.map(({ kind }) => kind);
  });
}

describe('the watchdog of schedules', () => {
  it('has nothing to tell of a schedule that runs as planned', () => {
    const { findings, fresh } = look({}, [sight({ runs: [run({})] })]);
    assert.deepEqual([findings, fresh], [[], []]);
    assert.ok(!isOverdue(findings));
  });

  it('tells of missed, skipped and dropped runs once each, with their number', () => {
    const first = look({}, [sight({ missed: 1, skipped: 2 })]);
    assert.deepEqual(
      first.fresh.map(({ schedule, text }) => `${schedule}: ${text.split(':')[0]}`),
      ['nightly: 1 run was not started', 'nightly: 2 runs were skipped'],
    );
    assert.ok(isOverdue(first.findings));
    assert.deepEqual(told({ missed: 1 }, { missed: 1 }, { missed: 2, dropped: 1 }), [
      ['missed'],
      [],
      ['missed', 'dropped'],
    ]);
  });

  it('shows them until a later run has ended well, or for a week, and all of one kind as one', () => {
    const at = (days: number): string => new Date(Date.parse(NOW) + days * 86_400_000).toISOString();
    const shown = (days: number, from: WatchState, changes: Partial<ScheduleSight>) => {
      const { findings, fresh, state } = look(from, [sight(changes)], at(days));
      return { texts: findings.map(({ text }) => text.split(':')[0]), fresh: fresh.length, state };
    };
    const ended = (days: number, outcome = 'completed') => [run({ startedAt: at(days), outcome })];
    const first = shown(0, {}, { skipped: 1, runs: ended(-1) });
    const more = shown(1, first.state, { skipped: 3, runs: ended(0.5, 'aborted') });
    assert.deepEqual([more.texts, more.fresh], [['2 runs were skipped'], 1]);
    const kept = shown(2, first.state, { skipped: 3 });
    assert.deepEqual([kept.texts, kept.fresh], [['3 runs were skipped'], 1]);
    const quiet = shown(8.9, kept.state, { skipped: 3, runs: ended(1) });
    assert.deepEqual([quiet.texts, quiet.fresh], [['3 runs were skipped'], 0]);
    assert.deepEqual(shown(3, quiet.state, { skipped: 3, runs: ended(2.5) }).texts, []);
    assert.deepEqual(shown(9.1, quiet.state, { skipped: 3, runs: ended(1) }).texts, []);
  });

  it('does not miss a schedule whose times are over, which Temporal removes', () => {
    const lookedAt = (lastAt: string) => watch({}, { sights: [], declared: [{ id: ID, lastAt }], now: NOW }).findings;
    assert.deepEqual(lookedAt('2026-03-01T20:00:00.000Z'), []);
    assert.equal(lookedAt('2026-03-03T20:00:00.000Z')[0]?.kind, 'gone');
  });

  it('counts anew for a schedule that was deleted and made again', () => {
    assert.deepEqual(told({ missed: 5 }, { missed: 1 }), [['missed'], ['missed']]);
  });

  it('tells once how the last run ended, where it did not end well', () => {
    for (const end of [
      { status: 'FAILED', outcome: 'failed' },
      { status: 'TERMINATED', outcome: null },
      { status: 'TIMED_OUT', outcome: null },
      { outcome: 'refused' },
      { outcome: 'partiallyFailed' },
      { outcome: 'skipped' },
      { outcome: 'tooLate' },
    ])
      assert.deepEqual(told({ runs: [run(end)] }, { runs: [run(end)] }), [['badEnd'], []], JSON.stringify(end));
    const next = run({ workflowId: 'scheduled/nightly-2', outcome: 'refused' });
    assert.deepEqual(told({ runs: [run({ outcome: 'refused' })] }, { runs: [next] }), [['badEnd'], ['badEnd']]);
  });

  it('leaves alone a run that goes on, was aborted by a person, found nothing to do, or is forgotten', () => {
    for (const end of [
      { status: 'RUNNING', outcome: null },
      { outcome: 'aborted' },
      { status: 'CANCELLED', outcome: 'aborted' },
      { outcome: 'nothingToDo' },
      { status: 'GONE', outcome: null },
    ])
      assert.deepEqual(told({ runs: [run(end)] }), [[]], JSON.stringify(end));
  });

  it('looks past a run that goes on at the one before it', () => {
    const running = run({ workflowId: 'scheduled/nightly-2', status: 'RUNNING', outcome: null });
    assert.deepEqual(told({ runs: [running, run({ outcome: 'refused' })] }), [['badEnd']]);
  });

  it('reminds of a pause by hand after a day, once, and again of the next pause', () => {
    const paused = [sight({ paused: true, note: 'freeze' })];
    const at = (hours: number): string => new Date(Date.parse(NOW) + hours * 3_600_000).toISOString();
    const first = look({}, paused);
    const day = look(first.state, paused, at(24));
    const later = look(day.state, paused, at(25));
    const resumed = look(later.state, [sight()], at(26));
    const again = look(resumed.state, paused, at(27));
    const kinds = [first, day, later, resumed, again].map(({ fresh }) => fresh.map(({ kind }) => kind));
    assert.deepEqual(kinds, [[], ['paused'], [], [], []]);
    assert.match(day.fresh[0]?.text ?? '', /2026-03-02T08:00:00.000Z or longer \(freeze\)/);
    assert.deepEqual(
      later.findings.map(({ kind }) => kind),
      ['paused'],
    );
    const byFile = look(first.state, [sight({ paused: true, pausedByFile: true })], at(48));
    assert.deepEqual(byFile.fresh, []);
  });

  it('tells of a next run whose time is past, but not of one a moment late or of a paused schedule', () => {
    const past = '2026-03-02T07:00:00.000Z';
    assert.deepEqual(told({ nextAt: past }, { nextAt: past }), [['overdue'], []]);
    assert.deepEqual(told({ nextAt: '2026-03-02T07:59:00.000Z' }), [[]]);
    assert.deepEqual(told({ nextAt: past, paused: true }), [[]]);
    assert.deepEqual(told({ nextAt: null }), [[]]);
  });

  it('tells of a schedule of the file that is gone, once, and of what Temporal cannot use', () => {
    const first = look({}, []);
    assert.deepEqual(
      first.fresh.map(({ kind }) => kind),
      ['gone'],
    );
    const second = look(first.state, []);
    assert.deepEqual([second.fresh, second.findings.length], [[], 1]);
    assert.deepEqual(told({ invalid: 'no such time zone' }), [['invalid']]);
  });

  it('tells each count in full, and nothing twice, however often it looks', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 20 }), (steps) => {
        let missed = 0;
        let before: WatchState = {};
        let sum = 0;
        for (const step of steps) {
          missed += step;
          const { fresh, state } = look(before, [sight({ missed })]);
          before = state;
          sum += Number(/^\d+/.exec(fresh[0]?.text ?? '')?.[0] ?? 0);
        }
        assert.equal(sum, missed);
      }),
    );
  });
});
