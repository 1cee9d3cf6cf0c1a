/** Schedules in Temporal made to match the file, on the real server. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type ScheduleHandle } from '@temporalio/client';
import { desiredBy, differenceTo } from '../../client/schedules/difference.ts';
import { makeSo, readSchedules } from '../../client/schedules/server.ts';
import { scheduleIdOf } from '../../domain/schedules.ts';
import { deleteSchedules } from '../rig/schedules.ts';
import { testTemporal } from '../rig/temporal.ts';
import { waitUntil } from '../rig/upgrade.ts';

const POLICIES = `
accounts:
  - id: "111122223333"
    name: workplace
    regions: [eu-central-1]
policies:
  imageBackup:
    golden: { account: workplace, region: eu-central-1, report: { bucket: holdfast-reports } }
  imageUpgrade:
    windows:
      account: workplace
      region: eu-central-1
      bundle: wsb-0fleet0001
      image: wsi-0fleet0002
      tags: { Env: Prod }
      report: { bucket: holdfast-reports }
`;
const NIGHTLY = 'nightly: { imageBackup: golden }';
const OTHERS = `
  workdays:
    { imageBackup: golden, cron: "cron(0/15 8-17 ? * MON-FRI *)", timeZone: Europe/Berlin, overlap: bufferOne, catchUp: 90s, jitter: 5m }
  last-of-month: { imageUpgrade: windows, cron: "cron(30 22 L * ? 2026-2030)", paused: true, note: until the freeze ends }
  often: { imageBackup: golden, every: 12h, offset: 30m }`;

/** As somebody encodes it of whose codec nobody here knows. */
const encodedAs =
  (encoding: string) =>
  (payload: object): object => ({ ...payload, metadata: { encoding: Buffer.from(encoding) } });
const [sealed, unsealed] = [encodedAs('binary/encrypted'), encodedAs('json/plain')];

describe('the schedules of a file', function () {
  this.timeout(120_000);
  let client: Client;
  let folder = '';
  before(async () => {
    ({ client } = await testTemporal());
    folder = mkdtempSync(join(tmpdir(), 'holdfast-schedules-'));
  });
  after(() => rmSync(folder, { recursive: true }));
  afterEach(async () => await deleteSchedules(client));

  const difference = async (schedules: string, name = '') => {
    const file = join(folder, 'holdfast.yaml');
    writeFileSync(file, `${name && `name: ${name}`}${POLICIES}schedules:\n  ${schedules}\n`);
    return await differenceTo(client, desiredBy(file));
  };
  const apply = async (schedules: string, name = ''): Promise<Record<string, string>> => {
    const { changes, desired } = await difference(schedules, name);
    for (const change of changes) await makeSo(client, change, desired);
    return Object.fromEntries(changes.map(({ name, what }) => [name, what]));
  };
  const changeOf = async (schedules: string, name: string) =>
    (await difference(schedules)).changes.find((each) => each.name === name) ?? assert.fail(`no ${name}`);
  const scheduleOf = (name: string): ScheduleHandle => client.schedule.getHandle(scheduleIdOf(name));

  it('are made once, with a watchdog, and a second apply changes nothing', async () => {
    const names = ['nightly', 'workdays', 'last-of-month', 'often', 'watchdog'];
    const each = (what: string): object => Object.fromEntries(names.map((name) => [name, what]));
    assert.deepEqual(await apply(NIGHTLY + OTHERS), each('create'));
    const before = await scheduleOf('workdays').describe();
    assert.deepEqual(await apply(NIGHTLY + OTHERS), each('unchanged'));
    const { spec, policies, info } = await scheduleOf('workdays').describe();
    assert.deepEqual(info.lastUpdatedAt, before.info.lastUpdatedAt);
    assert.deepEqual([spec.timezone, spec.jitter, policies.catchupWindow], ['Europe/Berlin', 300_000, 90_000]);
    const { state, action } = await scheduleOf('last-of-month').describe();
    assert.deepEqual([state.paused, state.note], [true, 'until the freeze ends']);
    assert.equal(action.staticSummary, 'imageUpgrade windows');
  });

  it('differ field by field, old and new, where the file or its policies have changed', async () => {
    await apply(NIGHTLY);
    const changed = NIGHTLY.replace('golden', 'golden, cron: "cron(0 3 * * ? *)", overlap: bufferOne');
    const { what, fields, notes } = await changeOf(changed, 'nightly');
    assert.equal(what, 'change');
    assert.deepEqual(fields, [
      { field: 'times', from: 'minute 0, hour 2', to: 'minute 0, hour 3' },
      { field: 'overlap', from: 'SKIP', to: 'BUFFER_ONE' },
    ]);
    assert.deepEqual(notes, []);
    assert.deepEqual(await apply(changed), { nightly: 'change', watchdog: 'unchanged' });
    assert.equal((await changeOf(changed, 'nightly')).what, 'unchanged');
  });

  it('that somebody has changed are shown as such, and put right', async () => {
    await apply(NIGHTLY);
    await scheduleOf('nightly').update((present) => ({
      ...present,
      spec: { ...present.spec, endAt: new Date('2027-01-01T00:00:00Z') },
      state: { ...present.state, remainingActions: 3 },
    }));
    const { fields, notes } = await changeOf(NIGHTLY, 'nightly');
    assert.deepEqual(
      fields.map(({ field, from, to }) => `${field}: ${from} → ${to}`),
      ['not after: 2027-01-01T00:00:00.000Z → none', 'runs left: 3 → all'],
    );
    assert.deepEqual(notes, ['somebody has changed it since it was applied']);
    await apply(NIGHTLY);
    const { spec, state } = await scheduleOf('nightly').describe();
    assert.deepEqual([spec.endAt, state.remainingActions], [undefined, undefined]);
  });

  it('stay paused by hand, also when something else of them changes', async () => {
    await apply(NIGHTLY);
    await scheduleOf('nightly').pause('freeze');
    const { what, notes } = await changeOf(NIGHTLY, 'nightly');
    assert.deepEqual([what, notes], ['unchanged', ['it was paused by hand (freeze), and stays so']]);
    await apply(NIGHTLY.replace('golden', 'golden, jitter: 1m'));
    const { state, spec } = await scheduleOf('nightly').describe();
    assert.deepEqual([state.paused, state.note, spec.jitter], [true, 'freeze', 60_000]);
  });

  it('are paused by the file, and go on when it does not say so any more', async () => {
    const paused = NIGHTLY.replace('golden', 'golden, paused: true');
    await apply(NIGHTLY);
    await apply(paused);
    assert.equal((await scheduleOf('nightly').describe()).state.paused, true);
    assert.equal((await changeOf(paused, 'nightly')).what, 'unchanged');
    await apply(NIGHTLY);
    assert.equal((await scheduleOf('nightly').describe()).state.paused, false);
  });

  it('stay paused by hand where the file had paused them, had somebody given a reason, and does so no more', async () => {
    const paused = NIGHTLY.replace('golden', 'golden, paused: true, note: not yet');
    await apply(paused);
    await scheduleOf('nightly').pause('broken image');
    assert.equal((await changeOf(paused, 'nightly')).what, 'unchanged');
    await apply(paused);
    await apply(NIGHTLY);
    const { state } = await scheduleOf('nightly').describe();
    assert.deepEqual([state.paused, state.note], [true, 'broken image']);
  });

  it('are compared by their note, their retries and timeouts, and written again where their memo is lost', async () => {
    await apply(NIGHTLY);
    await scheduleOf('nightly').update(({ action, state, ...schedule }) => ({
      ...schedule,
      state: { ...state, note: 'mine' },
      action: { ...action, retry: { maximumAttempts: 3 }, workflowRunTimeout: 60_000 },
    }));
    const { fields } = await changeOf(NIGHTLY, 'nightly');
    assert.deepEqual(
      fields.map(({ field, to }) => [field, to]),
      [
        ['retries', 'none'],
        ['timeouts', 'none'],
        ['note', 'none'],
      ],
    );
    await apply(NIGHTLY);
    await scheduleOf('nightly').update(({ action, ...schedule }) => ({
      ...schedule,
      action: { ...action, memo: {} },
    }));
    const lost = await changeOf(NIGHTLY, 'nightly');
    assert.deepEqual([lost.what, lost.fields[0]?.field], ['change', 'what it was applied as']);
    await apply(NIGHTLY);
    assert.equal((await changeOf(NIGHTLY, 'nightly')).what, 'unchanged');
  });

  it('are not made when they have no time left', async () => {
    const past = 'once: { imageUpgrade: windows, cron: "cron(0 20 14 3 ? 2020)" }';
    assert.deepEqual(await apply(past), { once: 'over', watchdog: 'create' });
    await assert.rejects(scheduleOf('once').describe(), { name: 'ScheduleNotFoundError' });
  });

  it('that the file does not declare any more are deleted, and those of others are not, nor read', async () => {
    const sealing = new Client({
      connection: client.connection,
      dataConverter: {
        payloadCodecs: [{ encode: async (all) => all.map(sealed), decode: async (all) => all.map(unsealed) }],
      },
    });
    const other = await sealing.schedule.create({
      scheduleId: 'holdfast/somebody-elses',
      spec: { intervals: [{ every: '365d' }] },
      memo: { sealed: 'by a codec of theirs' },
      action: { type: 'startWorkflow', workflowType: 'other', taskQueue: 'other' },
    });
    try {
      await apply(NIGHTLY + OTHERS);
      await waitUntil('the list knows of it', async () =>
        (await readSchedules(client)).foreign.includes('holdfast/somebody-elses'),
      );
      const { untouched } = await difference(NIGHTLY);
      assert.deepEqual(untouched.foreign, ['holdfast/somebody-elses']);
      assert.deepEqual(await apply(NIGHTLY), {
        // Its policy runs less often now, and needs less room.
        nightly: 'change',
        watchdog: 'change',
        'last-of-month': 'delete',
        often: 'delete',
        workdays: 'delete',
      });
      await assert.rejects(scheduleOf('often').describe(), { name: 'ScheduleNotFoundError' });
      assert.equal((await other.describe()).action.workflowType, 'other');
    } finally {
      await other.delete();
    }
  });

  it('of files with other names live side by side, each with a watchdog, and none touches those of the other', async () => {
    await apply(NIGHTLY, 'office');
    assert.deepEqual(await apply('often: { imageBackup: golden, every: 12h }', 'lab'), {
      often: 'create',
      'lab/watchdog': 'create',
    });
    await waitUntil('the list knows of them', async () => {
      const { untouched } = await difference(NIGHTLY, 'office');
      return untouched.elsewhere.length === 2;
    });
    const { changes, untouched } = await difference(NIGHTLY, 'office');
    assert.deepEqual(
      changes.map(({ name, what }) => [name, what]),
      [
        ['nightly', 'unchanged'],
        ['office/watchdog', 'unchanged'],
      ],
    );
    assert.deepEqual(untouched.elsewhere, [
      { name: 'lab/watchdog', file: 'lab' },
      { name: 'often', file: 'lab' },
    ]);
    await assert.rejects(apply(NIGHTLY), /nightly was applied from the file named office, so nothing was changed/);
  });

  it('are refused as a whole where somebody else has a schedule of that id, which is left as it is', async () => {
    const other = await client.schedule.create({
      scheduleId: scheduleIdOf('nightly'),
      spec: { intervals: [{ every: '365d' }] },
      action: { type: 'startWorkflow', workflowType: 'other', taskQueue: 'other' },
    });
    try {
      await assert.rejects(apply(NIGHTLY + OTHERS), /holdfast\/nightly exists and was not made by Holdfast/);
      await assert.rejects(scheduleOf('often').describe(), { name: 'ScheduleNotFoundError' });
      const remove = { name: 'nightly', scheduleId: scheduleIdOf('nightly'), fields: [], notes: [] };
      await assert.rejects(
        makeSo(client, { ...remove, what: 'delete' }, { name: null, schedules: [], over: [], notes: {} }),
        /was not made by Holdfast/,
      );
      assert.equal((await other.describe()).action.workflowType, 'other');
    } finally {
      await other.delete();
    }
  });

  it('of upgrades come with a warning that each run rebuilds all again, unless there is only one', async () => {
    const upgrade = (cron: string): string => `up: { imageUpgrade: windows, cron: "${cron}" }`;
    assert.match((await changeOf(upgrade('cron(0 22 ? * SAT *)'), 'up')).notes.join(), /each run rebuilds all/);
    assert.deepEqual((await changeOf(upgrade('cron(0 22 14 3 ? 2030)'), 'up')).notes, [
      'imageUpgrade windows: minute 0, hour 22, dayOfMonth 14, month MARCH, year 2030 (UTC)',
    ]);
  });
});
