/** Parameters of image backups. */
import assert from 'node:assert/strict';
import { parseBackupInput } from '../../domain/backup-input.ts';
import { backupInput } from '../rig/backup.ts';

const problemsOf = (changes: object): readonly string[] => {
  const parsed = parseBackupInput({ ...backupInput(), ...changes });
  return parsed.ok ? [] : parsed.problems;
};

describe('parameters of an image backup', () => {
  it('are taken when they are whole, with the prefix made a folder', () => {
    const parsed = parseBackupInput({ ...backupInput(), report: { ...backupInput().report, prefix: '/x' } });
    assert.equal(parsed.ok && parsed.input.report.prefix, 'x/');
  });

  const cases: [string, object, RegExp][] = [
    ['a name that fits into ids', { policy: 'nightly run' }, /^policy must be a name of 1 to 40 letters/],
    [
      'somebody who is selected',
      { selection: { allOf: [], anyOf: [], noneOf: [], workspaceIds: [], directoryIds: [] } },
      /^which WorkSpaces\?/,
    ],
    [
      'a policy that keeps something',
      { retention: { days: null, keepAtLeast: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, maxDeletePercent: 50 } },
      /^the retention policy is empty/,
    ],
    [
      'a time in which AWS can make an image',
      { imageTimeoutMinutes: 10 },
      /^imageTimeoutMinutes must be a whole number of minutes from 45/,
    ],
    [
      'a topic of the account',
      { operatorTopicArn: 'arn:aws:sns:eu-central-1:999999999999:x' },
      /^operatorTopicArn must be a topic of account/,
    ],
    ['a number of runs a day', { runsPerDay: 0 }, /^runsPerDay must be a number of runs a day from 1\/31 to 24, got 0/],
    ['nothing that is not known', { keep: 3 }, /^keep is not known: known are target, policy/],
  ];
  for (const [title, changes, expected] of cases) {
    it(`need ${title}`, () => {
      const problems = problemsOf(changes);
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? '', expected);
    });
  }
});
