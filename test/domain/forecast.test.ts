import assert from 'node:assert/strict';
import fc from 'fast-check';
import { courseOf, type Conditions, type Course, type Job, type Wave } from '../../domain/forecast-schedule.ts';
import { forecast, type Forecast, type ForecastRequest } from '../../domain/forecast.ts';
import { DEFAULTS, type ImageUpgradeInput } from '../../domain/image-upgrade.ts';
import type { PlanRow } from '../../domain/upgrade-plan.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse('2026-03-02T08:00:00Z');
const after = (minutes: number): string => new Date(NOW + minutes * MINUTE).toISOString();

const { reportPrefix: prefix, ...defaults } = DEFAULTS;
const input: ImageUpgradeInput = {
  ...defaults,
  target: { account: '111122223333', region: 'eu-central-1' },
  bundleId: 'wsb-0fleet0001',
  imageId: 'wsi-0fleet0002',
  report: { bucket: 'holdfast-reports', prefix, kmsKeyArn: null },
  afterwards: { deleteScheduleId: null, deleteStackName: null },
};

/** A WorkSpace whose next snapshot is due so many minutes from now. */
const row = (due: number, changes: Partial<PlanRow> = {}): PlanRow => ({
  workspaceId: 'ws-0fleet0001',
  computerName: 'WSAMZN-1',
  userName: 'ada.adler',
  directoryId: 'd-90670f1ee7',
  bundleId: 'wsb-0fleet0001',
  state: 'AVAILABLE',
  verdict: 'eligible',
  reason: null,
  action: 'rebuild',
  wave: 0,
  windowRule: null,
  snapshot: after(due - 720),
  dueAt: after(due),
  ...changes,
});
const rows = (count: number, each: (index: number) => PlanRow): PlanRow[] =>
  Array.from({ length: count }, (_, i) => each(i));

/** At a rate that never decides, unless the request says so. */
function forecastOf(given: readonly PlanRow[], request: Partial<ForecastRequest> = {}): Forecast {
  const result = forecast({ input, rows: given, now: NOW, callsPerSecond: 1_000, ...request });
  assert.ok(result);
  return result;
}
const minutesOf = (iso: string): number => (Date.parse(iso) - NOW) / MINUTE;
const settings = (changes: Partial<ImageUpgradeInput>): Partial<ForecastRequest> => ({
  input: { ...input, ...changes },
});

describe('the forecast of a plan', () => {
  it('is none when there is nothing to do, and when snapshots were not looked at', () => {
    const skipped = row(10, { verdict: 'skipped', reason: { code: 'standby' }, wave: null });
    assert.equal(forecast({ input, rows: [], now: NOW, callsPerSecond: 1.5 }), null);
    assert.equal(forecast({ input, rows: [skipped], now: NOW, callsPerSecond: 1.5 }), null);
    const { snapshot: _snapshot, dueAt: _dueAt, ...unseen } = row(10);
    assert.equal(forecast({ input, rows: [row(10), unseen], now: NOW, callsPerSecond: 1.5 }), null);
  });

  it('ends a rebuild after the last snapshot when nothing else holds it up', () => {
    const { finish, waves, decidedBy } = forecastOf([row(10), row(600), row(300)]);
    assert.equal(minutesOf(finish), 640);
    assert.deepEqual(waves, [finish]);
    assert.equal(decidedBy, 'snapshots');
  });

  it('takes an overdue snapshot for there, and waits half an hour for the first of a new WorkSpace', () => {
    assert.equal(minutesOf(forecastOf([row(-30)]).finish), 40);
    const { dueAt: _dueAt, ...fresh } = row(0, { snapshot: null });
    assert.equal(minutesOf(forecastOf([fresh]).finish), 70);
  });

  it('gives a migration an hour, and warns before', () => {
    const { warnings } = input;
    assert.equal(minutesOf(forecastOf([row(0, { action: 'migrate' })]).finish), 60);
    const warned = settings({ warnings: { ...warnings, leadSeconds: [1_800, 300] } });
    assert.equal(minutesOf(forecastOf([row(0)], warned).finish), 70);
  });

  it('needs as many rounds as the cap makes necessary, and says that it decides', () => {
    const { finish, decidedBy } = forecastOf(rows(21, () => row(0)));
    assert.equal(minutesOf(finish), 120);
    assert.equal(decidedBy, 'cap');
  });

  it('begins a wave when the one before has ended and soaked, and says that waves decide', () => {
    const soaking = settings({ waves: { ...input.waves, soakMinutes: 60 } });
    const { waves, decidedBy } = forecastOf(
      [row(0), row(0, { wave: 1 }), row(30, { wave: 1 }), row(500, { wave: 2 })],
      soaking,
    );
    assert.deepEqual(waves.map(minutesOf), [40, 140, 540]);
    assert.equal(decidedBy, 'snapshots');
    assert.equal(forecastOf([row(0), row(0, { wave: 1 })], soaking).decidedBy, 'waves');
  });

  it('waits for an opening of the rule that a WorkSpace falls under, and says that windows decide', () => {
    const open = { ...settings({ windows: [{ directoryId: null, tag: null, open: [] }] }) };
    const openings = [[{ from: NOW + 5 * HOUR, to: NOW + 6 * HOUR }]];
    const { finish, decidedBy } = forecastOf([row(0), row(0, { windowRule: 0 })], { ...open, openings });
    assert.equal(minutesOf(finish), 340);
    assert.equal(decidedBy, 'windows');
  });

  it('says so when windows are not counted, or when somebody finds none', () => {
    const open = settings({ windows: [{ directoryId: null, tag: null, open: [] }] });
    assert.ok(forecastOf([row(0, { windowRule: 0 })], open).assumptions.includes('Windows are not counted.'));
    const shut = forecastOf([row(0), row(0, { windowRule: 0 })], { ...open, openings: [[]] });
    assert.equal(minutesOf(shut.finish), 40);
    assert.ok(shut.assumptions.some((each) => /^Without an opening .*: 1 WorkSpace\.$/.test(each)));
  });

  it('holds a wave to the wait timeout for a snapshot that is due too late', () => {
    const { waves, assumptions } = forecastOf([row(0), row(901), row(0, { wave: 1 })]);
    assert.deepEqual(waves.map(minutesOf), [900, 940]);
    assert.ok(assumptions.some((each) => /^Waited for in vain, .*: 1 WorkSpace\.$/.test(each)));
  });

  it('is as late as AWS lets calls be made, and says that the call rate decides', () => {
    const { finish, waves, decidedBy, calls } = forecastOf(
      rows(1_000, (index) => row(0, { wave: index < 100 ? 0 : 1 })),
      { ...settings({ maxConcurrent: 500 }), callsPerSecond: 0.5 },
    );
    assert.equal(calls['workspaces'], 7_000);
    assert.equal(minutesOf(finish), 7_000 / 0.5 / 60);
    assert.equal(minutesOf(waves[0] ?? ''), 40, 'the first wave needs fewer calls');
    assert.equal(decidedBy, 'callRate');
  });

  it('counts calls by service, only those that are made, and what they cost', () => {
    const plain = forecastOf(rows(1_000, () => row(0)));
    assert.deepEqual(plain.calls, { workspaces: 7_000, s3: 16 });
    // Nine writes at 0.005 and five reads at 0.0004 USD for 1,000 are less than a hundredth of a cent.
    assert.deepEqual(plain.cost, { amount: 0, currency: 'USD', pricesOf: plain.cost.pricesOf });
    assert.match(plain.cost.pricesOf, /^\d{4}-\d\d-\d\d$/);

    const topic = 'arn:aws:sns:eu-central-1:111122223333:people';
    const { calls, cost } = forecastOf(
      rows(10_000, (index) => row(0, index < 10 ? { action: 'migrate' } : {})),
      settings({
        selection: { ...input.selection, allOf: [{ key: 'Env', value: 'Prod' }] },
        warnings: { ...input.warnings, leadSeconds: [1_800, 300], topicArn: topic },
        operatorTopicArn: topic,
        maintenance: true,
        report: { ...input.report, kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1' },
      }),
    );
    assert.deepEqual(calls, { workspaces: 90_000, tagging: 10_100, ssm: 80_200, sns: 20_002, s3: 88, kms: 86 });
    assert.equal(cost.amount, 0.0105, '20,002 messages at 0.5 USD a million, 45 writes, 41 reads, 86 KMS requests');
  });

  it('is never before the last due snapshot and a rebuild', () => {
    const any = fc.array(fc.record({ due: fc.integer({ min: -60, max: 900 }), wave: fc.integer({ min: 0, max: 3 }) }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        any,
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (all, cap, rate) => {
          const { finish, waves } = forecastOf(
            all.map(({ due, wave }) => row(due, { wave })),
            { ...settings({ maxConcurrent: cap }), callsPerSecond: rate },
          );
          assert.ok(minutesOf(finish) >= Math.max(0, ...all.map(({ due }) => due)) + 40 - 0.001);
          assert.ok(minutesOf(finish) >= (all.length * 40) / cap - 0.001);
          assert.deepEqual(waves, waves.toSorted(), 'waves end in their order');
          assert.equal(waves.at(-1), finish);
        },
      ),
    );
  });

  it('takes well below a second for 10,000 WorkSpaces', () => {
    const many = rows(10_000, (index) =>
      row(index % 720, { wave: index < 100 ? 0 : index < 2_000 ? 1 : 2, windowRule: 0 }),
    );
    const openings = [
      rows(30, () => row(0)).map((_, day) => ({ from: NOW + day * 24 * HOUR, to: NOW + (day * 24 + 8) * HOUR })),
    ];
    const begun = performance.now();
    forecastOf(many, { ...settings({ maxConcurrent: 500 }), openings });
    assert.ok(performance.now() - begun < 1_000);
  });
});

describe('the course of a run', () => {
  const conditions: Conditions = { now: 0, cap: 1, lead: 0, soak: 0, openings: null };
  const job = (ready: number, rule: number | null = null): Job => ({ ready, duration: 40, rule });
  const wave = (...jobs: Job[]): Wave => ({ jobs, notBefore: null });

  /** The course with all its times in minutes. */
  function course(waves: readonly Wave[], { lead, soak, openings, ...others }: Conditions): Course {
    const result = courseOf(
      waves.map(({ jobs, notBefore }) => ({
        jobs: jobs.map(({ ready, duration, rule }) => ({ ready: ready * MINUTE, duration: duration * MINUTE, rule })),
        notBefore,
      })),
      {
        ...others,
        lead: lead * MINUTE,
        soak: soak * MINUTE,
        openings: openings?.map((all) => all.map(({ from, to }) => ({ from: from * MINUTE, to: to * MINUTE }))) ?? null,
      },
    );
    return { ...result, waveEnds: result.waveEnds.map((end) => end / MINUTE) };
  }

  const anyJob = fc.record({
    ready: fc.integer({ min: 0, max: 300 }),
    duration: fc.constantFrom(40, 60),
    rule: fc.constantFrom(null, 0, 1),
  });
  const anyConditions = fc.record({
    now: fc.constant(0),
    cap: fc.integer({ min: 1, max: 8 }),
    lead: fc.integer({ min: 0, max: 30 }),
    soak: fc.integer({ min: 0, max: 50 }),
    openings: fc.constantFrom(null, [
      [
        { from: 0, to: 100 },
        { from: 500, to: 9_000 },
      ],
      [{ from: 200, to: 9_000 }],
    ]),
  });
  const anyWaves = fc.array(
    fc.array(anyJob, { maxLength: 15 }).map((jobs): Wave => ({ jobs, notBefore: null })),
    { minLength: 1, maxLength: 4 },
  );

  it('never has more at once than the cap, and does not leave a turn idle without need', () => {
    fc.assert(
      fc.property(anyWaves, anyConditions, (waves, given) => {
        const { mostAtOnce, shutOut } = course(waves, given);
        assert.ok(mostAtOnce <= given.cap);
        assert.equal(shutOut, 0);
      }),
    );
    // Three that are ready at once, one turn: no gap between them.
    assert.deepEqual(course([wave(job(10), job(10), job(10))], conditions).waveEnds, [130]);
  });

  it('ends no earlier with a smaller cap of equal rebuilds, a longer soak, or windows of which a cap makes nobody miss one', () => {
    fc.assert(
      fc.property(anyWaves, anyConditions, (waves, given) => {
        const equal = waves.map(({ jobs }) => wave(...jobs.map(({ ready }) => job(ready))));
        const end = (changes: Partial<Conditions>): number =>
          course(equal, { ...given, openings: null, ...changes }).waveEnds.at(-1) ?? 0;
        assert.ok(end({ cap: given.cap + 1 }) <= end({}));
        assert.ok(end({ soak: given.soak + 10 }) >= end({}));
        const inWindows = course(waves, { ...given, cap: Infinity }).waveEnds.at(-1) ?? 0;
        const always = course(waves, { ...given, cap: Infinity, openings: null }).waveEnds.at(-1) ?? 0;
        assert.ok(inWindows >= always);
      }),
    );
  });

  it('takes the youngest snapshot first', () => {
    const open = { ...conditions, openings: [[{ from: 0, to: 50 }]] };
    const queued = [job(0), job(20, 0), job(30, 0)];
    assert.equal(course([wave(...queued)], open).shutOut, 1, 'the younger began at 40, the older found it shut at 80');
  });

  it('lets a rebuild begin until a window shuts, and not any more then', () => {
    const openings = [
      [
        { from: 100, to: 110 },
        { from: 200, to: 300 },
      ],
    ];
    assert.deepEqual(course([wave(job(0, 0))], { ...conditions, openings }).waveEnds, [140]);
    assert.deepEqual(course([wave(job(110, 0))], { ...conditions, openings }).waveEnds, [240]);
    assert.equal(course([wave(job(300, 0))], { ...conditions, openings }).shutOut, 1);
  });
});
