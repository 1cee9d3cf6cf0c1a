import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig, problemText } from '../../config/index.ts';
import { jsonSchemaText } from '../../config/json-schema.ts';
import { BACKUP_DEFAULTS } from '../../domain/image-backup.ts';
import { DEFAULTS } from '../../domain/image-upgrade.ts';
import { NO_SELECTION } from '../../domain/selection.ts';
import { ACCOUNTS, BACKUP, configOf, ENVIRONMENT, UPGRADE } from './texts.ts';

const examples = join(import.meta.dirname, '../../config/examples');

describe('the examples of holdfast.yaml', () => {
  for (const name of readdirSync(examples)) {
    it(`are valid: ${name}`, () => {
      const loaded = loadConfig(join(examples, name), ENVIRONMENT);
      assert.ok(loaded.ok, loaded.ok ? '' : loaded.problems.map(problemText).join('\n'));
    });

    it(`are as the JSON Schema has them, for editors: ${name}`, () => {
      const schema = z.fromJSONSchema(JSON.parse(jsonSchemaText()));
      assert.doesNotThrow(() => schema.parse(parse(readFileSync(join(examples, name), 'utf8'))));
    });
  }
});

describe('the README', () => {
  it('shows a holdfast.yaml that is valid', () => {
    const readme = readFileSync(join(examples, '../../README.md'), 'utf8');
    const [, example = ''] =
      /<!-- checked by test\/config\/load\.test\.ts -->\s*```yaml\n([^`]+)```/.exec(readme) ?? [];
    assert.deepEqual(Object.keys(configOf(example).schedules), ['nightly-golden', 'office-weekends']);
  });
});

describe('the JSON Schema of holdfast.yaml', () => {
  it('is that of the code: otherwise run node scripts/make-config-schema.ts', () => {
    const published = readFileSync(join(examples, '../schema.json'), 'utf8');
    assert.equal(published, jsonSchemaText());
  });

  it('describes every name', () => {
    const undescribed: string[] = [];
    const look = (schema: Record<string, unknown>, path: string): void => {
      for (const [name, each] of Object.entries(
        (schema['properties'] ?? {}) as Record<string, Record<string, unknown>>,
      )) {
        if (typeof each['description'] !== 'string') undescribed.push(`${path}.${name}`);
        look(each, `${path}.${name}`);
      }
      for (const part of ['items', 'additionalProperties']) {
        if (typeof schema[part] === 'object') look(schema[part] as Record<string, unknown>, path);
      }
    };
    look(JSON.parse(jsonSchemaText()), '');
    assert.deepEqual(undescribed, []);
  });
});

describe('a configuration', () => {
  it('is with the smallest file the accounts alone', () => {
    const { accounts, targets, imageBackup, imageUpgrade, schedules } = configOf(ACCOUNTS);
    assert.deepEqual(accounts, [{ id: '111122223333', name: 'lab', regions: ['eu-central-1'] }]);
    assert.deepEqual(targets, [{ account: '111122223333', region: 'eu-central-1' }]);
    assert.deepEqual({ imageBackup, imageUpgrade, schedules }, { imageBackup: {}, imageUpgrade: {}, schedules: {} });
  });

  it('has a target for each Region, with the role and the external id from the environment', () => {
    const { targets } = configOf(`
environment: [LAB_EXTERNAL_ID]
accounts:
  - id: "111122223333"
    roleArn: arn:aws:iam::111122223333:role/holdfast
    externalId: \${LAB_EXTERNAL_ID}
    regions: [eu-central-1, us-east-1]`);
    const role = { roleArn: 'arn:aws:iam::111122223333:role/holdfast', externalId: 'a-secret-of-the-lab' };
    assert.deepEqual(targets, [
      { account: '111122223333', region: 'eu-central-1', ...role },
      { account: '111122223333', region: 'us-east-1', ...role },
    ]);
  });

  it('gives an image backup the old system’s tag, days and time where nothing is said', () => {
    const { imageBackup, schedules } = configOf(`${BACKUP}\nschedules: { nightly: { imageBackup: golden } }`);
    const { cron: _, selectionTag, reportPrefix, ...defaults } = BACKUP_DEFAULTS;
    assert.deepEqual(imageBackup['golden'], {
      ...defaults,
      target: { account: '111122223333', region: 'eu-central-1' },
      policy: 'golden',
      selection: { ...NO_SELECTION, allOf: [selectionTag] },
      report: { bucket: 'reports', prefix: reportPrefix, kmsKeyArn: null },
    });
    const { spec, timeZone, overlap } = schedules['nightly'] ?? assert.fail();
    assert.equal(timeZone, 'UTC');
    assert.equal(overlap, 'skip');
    assert.deepEqual(spec.calendars[0]?.hour, [{ start: 2, end: 2, step: 1 }]);
  });

  it('gives an image upgrade the defaults of the command line', () => {
    const { reportPrefix, ...defaults } = DEFAULTS;
    assert.deepEqual(configOf(UPGRADE).imageUpgrade['office'], {
      ...defaults,
      target: { account: '111122223333', region: 'eu-central-1' },
      bundleId: 'wsb-0fleet0001',
      imageId: 'wsi-0fleet0002',
      report: { bucket: 'reports', prefix: reportPrefix, kmsKeyArn: null },
      afterwards: { deleteScheduleId: null, deleteStackName: null },
    });
  });

  it('reads durations in the unit of each parameter, and days by ranges', () => {
    const { imageUpgrade } = configOf(`${UPGRADE}
      waves: { soak: 30m, canary: { size: 5 } }
      warnings: { leads: [30m, 5m] }
      connectedUsers: { policy: wait, wait: 2h }
      waitTimeout: 2d
      quietMargin: 90m
      maxDataLoss: 4h
      windows:
        - tag: { Site: Tokyo }
          open: [{ days: [fri-mon, wed], from: "22:00", to: "05:00", timeZone: Asia/Tokyo }]`);
    const office = imageUpgrade['office'] ?? assert.fail();
    assert.equal(office.waves.soakMinutes, 30);
    assert.equal(office.waves.canary?.size, '5');
    assert.deepEqual(office.warnings.leadSeconds, [1_800, 300]);
    assert.equal(office.connectedUsers.waitMinutes, 120);
    assert.equal(office.waitTimeoutMinutes, 2_880);
    assert.equal(office.quietMarginHours, 1.5);
    assert.equal(office.maxDataLossSeconds, 14_400);
    const open = [{ days: ['mon', 'wed', 'fri', 'sat', 'sun'], from: '22:00', to: '05:00', timeZone: 'Asia/Tokyo' }];
    assert.deepEqual(office.windows, [{ directoryId: null, tag: { key: 'Site', value: 'Tokyo' }, open }]);
  });

  it('reckons how often a backup policy runs by all of its schedules', () => {
    const runsOf = (schedules: string) =>
      configOf(`${BACKUP}\nschedules: ${schedules}`).imageBackup['golden']?.runsPerDay;
    assert.equal(runsOf('{}'), 1);
    assert.equal(runsOf('{ a: { imageBackup: golden }, b: { imageBackup: golden, every: 12h } }'), 3);
    assert.equal(
      runsOf('{ a: { imageBackup: golden, cron: cron(0 2 * * ? 2027) } }'),
      1,
      'in the year in which it runs',
    );
    const weekly = runsOf('{ a: { imageBackup: golden, cron: cron(0 2 ? * SUN *) } }') ?? 0;
    assert.ok(weekly >= 1 / 7 && weekly < 1 / 6, String(weekly));
  });

  it('has schedules by AWS’s cron, by calendars and by intervals', () => {
    const { schedules } = configOf(`${BACKUP}
schedules:
  cron: { imageBackup: golden, cron: cron(30 6 ? * 2-6 *), timeZone: Europe/Berlin, jitter: 5m, overlap: bufferOne }
  calendars: { imageBackup: golden, calendars: [{ hour: 2, minute: 0-59/30, dayOfWeek: [mon-wed, sat], month: jan }] }
  every: { imageBackup: golden, every: 12h, offset: 30m, catchUp: 2h, paused: true, note: by hand }`);
    const { cron, calendars, every } = schedules;
    const week = (start: number, end: number) => ({ start, end, step: 1 });
    assert.deepEqual(cron?.spec.calendars[0]?.dayOfWeek, [week(1, 5)]);
    assert.deepEqual([cron?.timeZone, cron?.jitterSeconds, cron?.overlap], ['Europe/Berlin', 300, 'bufferOne']);
    assert.deepEqual(calendars?.spec.calendars, [
      {
        minute: [week(0, 0), week(30, 30)],
        hour: [week(2, 2)],
        dayOfMonth: [week(1, 31)],
        month: [week(1, 1)],
        dayOfWeek: [week(1, 3), week(6, 6)],
        year: [],
      },
    ]);
    assert.deepEqual(every, {
      name: 'every',
      starts: {
        capability: 'imageBackup',
        policy: 'golden',
        target: { account: '111122223333', region: 'eu-central-1' },
      },
      spec: { calendars: [], intervals: [{ everySeconds: 43_200, offsetSeconds: 1_800 }] },
      timeZone: 'UTC',
      overlap: 'skip',
      catchUpSeconds: 7_200,
      jitterSeconds: 0,
      paused: true,
      note: 'by hand',
    });
  });

  it('may say things once, by anchors', () => {
    const { imageBackup } = configOf(`${ACCOUNTS}
policies:
  imageBackup:
    golden: { account: lab, region: eu-central-1, retention: &kept { days: 7 }, report: &reports { bucket: reports } }
    admins: { account: lab, region: eu-central-1, tags: { Role: admin }, retention: *kept, report: *reports }`);
    assert.equal(imageBackup['admins']?.retention.days, 7);
    assert.equal(imageBackup['admins']?.report.bucket, 'reports');
  });
});
