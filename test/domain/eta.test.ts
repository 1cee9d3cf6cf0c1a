import assert from 'node:assert/strict';
import { estimateEnd } from '../../domain/eta.ts';
import { newRow, type Row } from '../../domain/upgrade-row.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-03-02T08:00:00Z');
const at = (minutes: number): string => new Date(NOW + minutes * MINUTE).toISOString();

const row = (changes: Partial<Row> = {}): Row => ({
  ...newRow({
    workspaceId: 'ws-0fleet0001',
    computerName: 'WSAMZN-1',
    userName: 'ada.adler',
    directoryId: 'd-90670f1ee7',
    bundleId: 'wsb-0fleet0001',
    instanceIds: [],
    action: 'rebuild',
    windowRule: null,
    wave: 0,
    state: 'AVAILABLE',
  }),
  ...changes,
});
const rebuilt = (minutes: number): Row =>
  row({ step: 'done', outcome: 'rebuilt', rebuildRequestedAt: at(-90), rebuildConfirmedAt: at(-90 + minutes) });
const minutesLeft = (rows: readonly Row[], turns: number): number | null => {
  const end = estimateEnd(rows, NOW, turns);
  return end === null ? null : (end - NOW) / MINUTE;
};

describe('estimateEnd', () => {
  it('is null when all are done', () => assert.equal(minutesLeft([rebuilt(30)], 10), null));
  it('takes 40 minutes for a rebuild until one was measured', () => assert.equal(minutesLeft([row()], 10), 40));
  it('takes the mean of the rebuilds of this run', () =>
    assert.equal(minutesLeft([rebuilt(20), rebuilt(40), row()], 10), 30));
  it('counts as many rounds as the turns make necessary', () => {
    assert.equal(
      minutesLeft(
        Array.from({ length: 21 }, () => row()),
        10,
      ),
      120,
    );
    assert.equal(minutesLeft([row(), row()], 0), 80, 'no turn at all is as good as one');
  });
  it('waits for the last snapshot', () =>
    assert.equal(minutesLeft([row(), row({ step: 'snapshot', nextLookAt: at(600) })], 10), 640));
  it('does not learn from what was not rebuilt', () => {
    const failed = row({
      step: 'done',
      outcome: 'rebuildFailed',
      rebuildRequestedAt: at(-90),
      rebuildConfirmedAt: null,
    });
    assert.equal(minutesLeft([failed, row()], 10), 40);
  });
});
