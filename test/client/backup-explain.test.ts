import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Simulation } from '../../domain/retention-simulation.ts';
import { run } from './holdfast.ts';

describe('holdfast backup explain --simulate', () => {
  let cwd: string;
  before(() => {
    cwd = mkdtempSync(join(tmpdir(), 'holdfast-'));
  });
  after(() => rmSync(cwd, { recursive: true }));

  const explain = async (...flags: string[]) =>
    await run(['backup', 'explain', '--simulate', '90d', '--from', '2026-01-01', ...flags], { cwd });

  it('shows month by month what a policy keeps, and why, without AWS, Temporal or a worker', async () => {
    const { code, stdout, stderr } = await explain('--days', 'none', '--keep-daily', '7', '--keep-monthly', '12');
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(
      stdout,
      /^Of each WorkSpace stay: the newest 1, .* last 7 days, .* last 12 months\. It begins on 2026-01-01/,
    );
    assert.match(stdout, /^2026-03 +31 +30 +9 +2026-01-31 02:00 UTC$/m);
    assert.match(stdout, /^2026-02-28 02:00 UTC +the newest of the month 2026-02, number 2 of those with an image/m);
    assert.match(stdout, /^90 runs: after each, at most 9 images of one WorkSpace/m);
  });

  it('says the same as one JSON document, by the cron expression and time zone that it is given', async () => {
    const flags = [
      '--keep-at-least',
      '3',
      '--days',
      '2',
      '--cron',
      'cron(30 22 ? * MON-FRI *)',
      '--time-zone',
      'Europe/Berlin',
    ];
    const { code, stdout } = await explain(...flags, '--json');
    const { simulation, timeZone } = JSON.parse(stdout) as { simulation: Simulation; timeZone: string };
    assert.deepEqual([code, timeZone], [0, 'Europe/Berlin']);
    assert.equal(simulation.runs.length, 64);
    assert.deepEqual(simulation.runs[0], {
      at: '2026-01-01T21:30:00.000Z',
      kept: ['2026-01-01T21:30:00.000Z'],
      deleted: [],
      refused: null,
    });
    assert.equal(simulation.runs.at(-1)?.at, '2026-03-31T20:30:00.000Z', 'summer time has begun');
    assert.equal(simulation.most, 3);
  });

  it('takes policy and schedule from the file, and flags instead of single parts', async () => {
    const file = join(cwd, 'holdfast.yaml');
    writeFileSync(file, CONFIG);
    const { code, stdout, stderr } = await explain(
      '--config',
      file,
      '--policy',
      'golden',
      '--keep-at-least',
      '2',
      '--json',
    );
    assert.deepEqual([code, stderr], [0, '']);
    const { simulation, policy } = JSON.parse(stdout) as { simulation: Simulation; policy: object };
    assert.equal(simulation.runs.length, 13, 'it runs once a week');
    assert.deepEqual(policy, {
      days: 10,
      keepAtLeast: 2,
      keepDaily: 0,
      keepWeekly: 0,
      keepMonthly: 0,
      maxDeletePercent: 50,
    });
    assert.equal(simulation.most, 2);

    const unknown = await explain('--config', file, '--policy', 'silver');
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /has no imageBackup policy silver; it has golden/);
  });

  it('fails for an empty policy, and for one whose own limit would keep it from ever deleting', async () => {
    const empty = await explain('--days', 'none', '--keep-at-least', '0');
    assert.equal(empty.code, 1);
    assert.match(empty.stderr, /retention policy is empty/);
    const stuck = await explain('--days', 'none', '--keep-at-least', '1', '--max-delete-percent', '20');
    assert.equal(stuck.code, 1);
    assert.match(stuck.stderr, /89 runs would be refused, the first at 2026-01-02T02:00:00.000Z: 1 of the 2 images/);
  });
});

const CONFIG = `accounts:
  - id: "111122223333"
    name: workplace
    regions: [eu-central-1]
policies:
  imageBackup:
    golden:
      account: workplace
      region: eu-central-1
      tags: { AutoBackup: enabled }
      retention: { days: 10, keepAtLeast: 1 }
      report: { bucket: reports }
schedules:
  weekly: { imageBackup: golden, cron: "cron(0 2 ? * SUN *)" }
`;
