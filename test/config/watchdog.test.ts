/** `watchdog:` of `holdfast.yaml`, and what schedules may not do beside it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, problemText } from '../../config/index.ts';

describe('the watchdog of the configuration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'));
  after(() => rmSync(folder, { recursive: true }));

  const load = (rest: string) => {
    const file = join(folder, 'holdfast.yaml');
    writeFileSync(file, `accounts:\n  - { id: "111122223333", regions: [eu-central-1] }\n${rest}\n`);
    return loadConfig(file, {});
  };
  const settings = (rest: string) => {
    const loaded = load(rest);
    return loaded.ok ? loaded.config.watchdog : assert.fail(loaded.problems.map(problemText).join('\n'));
  };
  const problems = (rest: string): string[] => {
    const loaded = load(rest);
    return loaded.ok ? [] : loaded.problems.map(({ line, path, message }) => `${line} ${path} ${message}`);
  };

  it('looks every 15 minutes and tells nobody, unless the file says otherwise', () => {
    assert.deepEqual(settings(''), { everySeconds: 900, operatorTopicArn: null });
    const topic = 'arn:aws:sns:eu-central-1:111122223333:operators';
    assert.deepEqual(settings(`watchdog: { every: 1h, operatorTopicArn: "${topic}" }`), {
      everySeconds: 3_600,
      operatorTopicArn: topic,
    });
  });

  it('looks no more often than once a minute', () => {
    assert.match(problems('watchdog: { every: 59s }').join(), /^3 watchdog\.every must be at least 1m, got 59s$/);
  });

  it('tells only a topic that a worker of the file can write to', () => {
    for (const topic of [
      'arn:aws:sns:us-east-1:111122223333:operators',
      'arn:aws:sns:eu-central-1:444455556666:operators',
      'operators',
    ]) {
      const [problem = ''] = problems(`watchdog: { operatorTopicArn: "${topic}" }`);
      assert.match(problem, /^3 watchdog\.operatorTopicArn must be the ARN of an SNS topic .* of this file/, topic);
    }
  });

  it('has its name to itself, and no schedule cuts a run off', () => {
    const policy =
      'policies: { imageBackup: { golden: { account: "111122223333", region: eu-central-1, report: { bucket: reports } } } }';
    assert.match(
      problems(`${policy}\nschedules:\n  watchdog: { imageBackup: golden }`).join(),
      /^5 schedules\.watchdog has the name of the watchdog’s own schedule: give it another$/,
    );
    assert.match(
      problems(`${policy}\nschedules:\n  nightly: { imageBackup: golden, overlap: terminateOther }`).join(),
      /^5 schedules\.nightly\.overlap must be one of skip, bufferOne, bufferAll, cancelOther, allowAll, got/,
    );
  });
});
