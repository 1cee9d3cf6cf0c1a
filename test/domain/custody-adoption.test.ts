import assert from 'node:assert/strict';
import { adoptionOf, mayBeChanged } from '../../domain/custody-adoption.ts';
import { legsOf } from '../../domain/custody-legs.ts';
import type { CopyJobSeen, Hop, Leg, LegRule } from '../../domain/custody.ts';
import { BACKUP_ACCOUNT, day, legRule, lifecycle, NOW, point, rule } from '../rig/custody-facts.ts';

const near = legRule();
const far = legRule({
  name: 'far',
  destination: { account: BACKUP_ACCOUNT, region: 'eu-west-1', alternateRegion: null, vault: null },
});
/** The legs of before, their last hops so. */
function before(legs: readonly LegRule[], ...changes: readonly Partial<Hop>[]): Leg[] {
  const made = legsOf(rule({ legs: [...legs] }), point(), NOW);
  for (const [index, change] of changes.entries()) Object.assign(made[index]?.hops.at(-1) ?? {}, change);
  return made;
}
const adopted = (legs: readonly Leg[], ...wanted: readonly LegRule[]) =>
  adoptionOf(legs, rule({ legs: [...wanted] }), point(), day(1));
const shown = ({ rule: { name }, hops, unwantedSince }: Leg) => {
  const { step, jobId, attempt } = hops.at(-1) ?? {};
  return [name, step, jobId, attempt, unwantedSince];
};
const COPIED: Partial<Hop> = { step: 'verified', jobId: 'job-1', jobState: 'COMPLETED' };

describe('mayBeChanged', () => {
  const job: CopyJobSeen = {
    jobId: 'job-1',
    state: 'COMPLETED',
    message: null,
    pointArn: point().ref.arn,
    destinationVaultArn: 'arn:aws:backup:eu-central-1:444455556666:backup-vault:nightly',
    copyArn: 'arn:aws:ec2:eu-central-1::snapshot/snap-0copy',
    createdAt: NOW,
    endedAt: NOW,
  };

  it('asks where AWS knows of a copy, or has forgotten its jobs, and spares a point that nobody can have copied', () => {
    assert.equal(mayBeChanged(point(), [job], NOW), true);
    assert.equal(mayBeChanged(point({ createdAt: day(-1) }), [], NOW), false);
    for (const days of [30, 400]) assert.equal(mayBeChanged(point({ createdAt: day(-days) }), [], NOW), true);
  });
});

describe('adoptionOf', () => {
  it('goes on with what makes the same copy, under its new name', () => {
    const { legs, left } = adopted(before([near], { step: 'follow', jobId: 'job-1' }), { ...near, name: 'home' });
    assert.deepEqual(legs.map(shown), [['home', 'follow', 'job-1', 1, null]]);
    assert.deepEqual([left.length, legs[0]?.deadlineAt], [0, day(1)]);
  });

  it('makes another copy where it is to be kept otherwise, and keeps the one that is there for the record', () => {
    const { legs } = adopted(before([near], COPIED), { ...near, lifecycle: lifecycle(400) });
    assert.deepEqual(legs.map(shown), [
      ['backup', 'check', null, 2, null],
      ['backup', 'verified', 'job-1', 1, day(1)],
    ]);
    assert.deepEqual(legs[0]?.hops[0]?.earlierJobs, ['job-1']);
  });

  it('makes anew what has failed, as if a person had said so', () => {
    const failed = before([near], { step: 'follow', jobId: 'job-1', jobState: 'FAILED' });
    const { legs } = adopted(failed, near);
    assert.deepEqual(legs.map(shown), [['backup', 'check', null, 2, null]]);
    assert.equal(failed[0]?.hops[0]?.step, 'follow');
  });

  it('waits no more for what is taken out of the rule: what failed or has not begun is left out', () => {
    for (const [change, kept] of [
      [{ step: 'follow', jobId: 'job-1', jobState: 'FAILED' }, 1],
      [{ step: 'queue' }, 1],
      [{ step: 'start' }, 2],
      [{ step: 'follow', jobId: 'job-1', jobState: 'RUNNING' }, 2],
    ] as const) {
      const { legs, left } = adopted(before([near, far], {}, change), near);
      assert.equal(legs.length, kept, change.step);
      assert.deepEqual([left.length, legs[1]?.unwantedSince ?? day(1)], [1, day(1)]);
    }
  });

  it('takes up again what an earlier rule asked for', () => {
    const longer = { ...near, lifecycle: lifecycle(400) };
    const { legs } = adopted(adopted(before([near], COPIED), longer).legs, near);
    assert.deepEqual(legs.map(shown), [['backup', 'verified', 'job-1', 1, null]]);
  });

  it('gives each leg of the rule one of its own', () => {
    const { legs } = adopted(before([near], COPIED), near, { ...near, name: 'again' });
    assert.deepEqual(legs.map(shown), [
      ['backup', 'verified', 'job-1', 1, null],
      ['again', 'check', null, 2, null],
    ]);
  });
});
