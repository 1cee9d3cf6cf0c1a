import assert from 'node:assert/strict';
import type { ScheduleDescription } from '@temporalio/client';
import { compareSchedules, type ScheduleChange } from '../../client/schedules/compare.ts';
import { desiredSchedules, type Desired } from '../../client/schedules/desired.ts';
import { configOf } from '../config/texts.ts';

const desired = (evidence: string, every = '1h'): Desired =>
  desiredSchedules(
    configOf(`
accounts:
  - { id: "111122223333", name: production, regions: [eu-central-1] }
  - { id: "444455556666", name: backup, regions: [eu-central-1] }
policies:
  custody:
    nightly:
      evidence: { account: production, region: eu-central-1, ${evidence} }
      rules: [{ name: all, legs: [{ account: backup, region: eu-central-1 }] }]
schedules:
  sweep: { custody: nightly, every: ${every} }
`),
    'holdfast.yaml',
  );

/** As Temporal describes what was applied before. */
const notesOf = (before: Desired, now: Desired): string => {
  const changes = compareSchedules(now, before.schedules as ScheduleDescription[]);
  const sweep: ScheduleChange = changes.find(({ name }) => name === 'sweep') ?? assert.fail();
  assert.equal(sweep.what, 'change');
  return sweep.notes.join();
};

describe('what schedules apply tells of a sweep', () => {
  it('is that all points would get a custody anew where the evidence is to be elsewhere', () => {
    const before = desired('bucket: evidence');
    for (const elsewhere of ['bucket: evidence-2', 'bucket: evidence, prefix: other/']) {
      assert.match(
        notesOf(before, desired(elsewhere)),
        /its evidence is to be elsewhere, .* gets a custody anew, unless all/,
      );
    }
    const key = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    assert.equal(notesOf(before, desired(`bucket: evidence, kmsKeyArn: "${key}"`)), '');
    assert.equal(notesOf(before, desired('bucket: evidence', '2h')), '');
  });
});
