import assert from 'node:assert/strict';
import { digestOf, toldOf } from '../../domain/custody-sweep-digest.ts';
import { NO_MEMORY, NOT_BEGUN, type SweepFailure } from '../../domain/custody-sweep.ts';

const swept = (copyGone: number, ...failures: readonly SweepFailure[]) => ({
  counts: { ...NOT_BEGUN.counts, copyGone },
  failures,
});
const { told: nothing } = NO_MEMORY;
const weekly = { where: '111122223333/eu-central-1/weekly', why: 'AccessDenied' };

describe('the digest of a sweep', () => {
  it('tells of custodies that are blocked or overdue, of copies that have gone, and of what could not be listed', () => {
    const { subject, message } =
      digestOf('nightly', swept(1, weekly), { blocked: 2, overdue: 1 }, nothing) ?? assert.fail();
    assert.equal(subject, "Holdfast's custody nightly: 4 to look at");
    const lines = message.split('\n');
    assert.match(lines[0] ?? '', /^2 custodies are blocked: holdfast custody list --health blocked \(0 before\)$/);
    assert.match(lines[1] ?? '', /^1 custody is overdue: /);
    assert.match(lines[2] ?? '', /^1 copy of a settled recovery point is not where/);
    assert.match(lines[3] ?? '', /^111122223333\/eu-central-1\/weekly could not be looked at: AccessDenied$/);
  });

  it('is none where nothing is new since operators were told, and one again when there is more', () => {
    const needy = { blocked: 2, overdue: 1 };
    const told = toldOf(swept(1, weekly), needy);
    assert.equal(digestOf('nightly', swept(1, weekly), needy, told), null);
    assert.equal(digestOf('nightly', swept(0), { blocked: 1, overdue: 0 }, told), null, 'fewer');
    assert.match(digestOf('nightly', swept(1, weekly), { ...needy, blocked: 3 }, told)?.message ?? '', /^3 custodies/);
    const other = { ...weekly, where: '111122223333/eu-central-1/other' };
    assert.match(digestOf('nightly', swept(1, weekly, other), needy, told)?.message ?? '', /^\S+\/other could not/);
    const mended = toldOf(swept(0), { blocked: 0, overdue: 0 });
    assert.notEqual(digestOf('nightly', swept(0), { blocked: 1, overdue: 0 }, mended), null, 'it has risen again');
  });
});
