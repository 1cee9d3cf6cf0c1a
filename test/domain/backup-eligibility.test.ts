/** Which WorkSpaces get an image, and how the room for them is shared out. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { judgeMember, shareRoom, type BackupMember } from '../../domain/backup-eligibility.ts';

const member = (changes: Partial<BackupMember> = {}): BackupMember => ({
  workspaceId: 'ws-0fleet0001',
  computerName: 'WSAMZN-1',
  userName: 'ada',
  directoryId: 'd-90670f1ee7',
  state: 'AVAILABLE',
  runningMode: 'AUTO_STOP',
  encrypted: false,
  modification: null,
  ...changes,
});
const terms = { startStopped: false, poolDirectoryIds: new Set(['d-0pool']) };
const starting = { ...terms, startStopped: true };

describe('judgeMember', () => {
  const cases: [string, Partial<BackupMember>, string, string | null][] = [
    ['lets an AVAILABLE one go on', {}, 'eligible', null],
    ['refuses encrypted volumes', { encrypted: true }, 'encrypted', 'encrypted'],
    ['refuses one that is stopped', { state: 'STOPPED' }, 'stopped', 'stopped'],
    ['refuses one that is being changed', { modification: 'ROOT_VOLUME UPDATE_IN_PROGRESS' }, 'modifying', 'modifying'],
    ['refuses one that is UPDATING', { state: 'UPDATING' }, 'modifying', 'modifying'],
    ['refuses one of which an image is being made', { state: 'SUSPENDED' }, 'notAvailable', 'notAvailable'],
    ['refuses one that is terminated', { state: 'TERMINATING' }, 'notAvailable', 'gone'],
    ['refuses what belongs to Pools', { directoryId: 'd-0pool' }, 'pool', 'pool'],
  ];
  for (const [title, changes, verdict, code] of cases) {
    it(title, () => {
      const judged = judgeMember(member(changes), terms);
      assert.deepEqual([judged.verdict, judged.reason?.code ?? null], [verdict, code]);
    });
  }

  it('lets one that is stopped go on where it may be started, and AWS can start it', () => {
    assert.deepEqual(judgeMember(member({ state: 'STOPPED' }), starting), { verdict: 'stopped', reason: null });
    const always = judgeMember(member({ state: 'STOPPED', runningMode: 'ALWAYS_ON' }), starting);
    assert.equal(always.reason?.code, 'notStartable');
  });

  it('refuses encrypted volumes also of one that is stopped: it would be started for nothing', () => {
    assert.equal(judgeMember(member({ state: 'STOPPED', encrypted: true }), starting).verdict, 'encrypted');
  });
});

describe('shareRoom', () => {
  const wishes = fc.array(fc.boolean(), { maxLength: 30 }).map((each) => {
    return each.map((passing, index) => ({ workspaceId: `ws-${index}`, passing }));
  });

  it('never reserves more than there is, leaves nobody out while there is room, and always serves who it can', () => {
    fc.assert(
      fc.property(wishes, fc.integer({ min: 1, max: 8 }), fc.integer({ min: -5, max: 40 }), (all, most, room) => {
        const { reserve, without } = shareRoom(all, most, room);
        assert.ok(reserve <= Math.max(0, room));
        const staying = all.filter(({ passing }) => !passing);
        const passing = all.length - staying.length;
        const isAmple = staying.length + Math.min(passing, 1) <= Math.max(0, room);
        assert.equal(without.size === 0, isAmple || all.length === 0);
        if (room > 0 && all.length > 0) assert.ok(without.size < all.length, 'somebody is served');
      }),
    );
  });

  it('lets those whose older image goes take turns in one place', () => {
    const all = Array.from({ length: 5 }, (_, index) => ({ workspaceId: `ws-${index}`, passing: true }));
    assert.deepEqual(shareRoom(all, 4, 1), { reserve: 1, without: new Set() });
    assert.equal(shareRoom(all, 4, 0).without.size, 5);
  });
});
