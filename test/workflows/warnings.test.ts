import assert from 'node:assert/strict';
import type { Row } from '../../domain/upgrade-row.ts';
import { plainFleet } from '../../sandbox/scenarios.ts';
import { scriptsRun } from '../../sandbox/services/ssm/commands.ts';
import { instances } from '../../sandbox/services/ssm/instances.ts';
import { rebuildCallsOf, rebuildIntervals } from '../../sandbox/services/workspaces/ground-truth.ts';
import { idOf } from '../rig/truth.ts';
import { type Rig, rowsOf, startRig, startUpgrade, upgradeInput, warned, withRig } from '../rig/upgrade.ts';
import { desktopOf, HOUR } from '../rig/world.ts';

const NOTIFY_SECONDS = 900;
const NAMES = [
  'plain',
  'another',
  'third',
  'twoRegistrations',
  'noAgent',
  'agentOffline',
  'stopped',
  'commandFails',
  'commandDenied',
  'wentOffline',
  'namelessAtFirst',
  'commandUnavailable',
] as const;
type Name = (typeof NAMES)[number];
const at = (name: Name): number => NAMES.indexOf(name);
const WARNED: readonly Name[] = ['plain', 'another', 'third', 'twoRegistrations'];

const shownOn = (rig: Rig, index: number) =>
  scriptsRun(rig.fleet.place).filter(({ workspaceId }) => workspaceId === idOf(rig, index));
const calledAt = (rig: Rig, index: number): number =>
  rebuildCallsOf(rig.fleet.place, idOf(rig, index))[0]?.at ?? assert.fail(`${index} was not rebuilt`);

/** It is being made when the run begins, and has no computer name yet; nor has some machine that has an agent. */
function nameless(rig: Rig, index: number): void {
  const { start, place } = rig.fleet;
  const desktop = desktopOf(rig, index);
  desktop.log.push({ at: start - HOUR, state: 'PENDING' }, { at: start + HOUR / 2, state: 'AVAILABLE' });
  desktop.snapshotEpochs = [{ from: 0, first: start - 11 * HOUR, to: null }];
  instances(place).set(NAMELESS, {
    instanceId: NAMELESS,
    computerName: '',
    workspaceId: null,
    platform: 'Windows',
    registeredAt: start - HOUR,
    agent: 'running',
  });
}
const NAMELESS = 'mi-0123456789abcdef0';

describe('the warning before a rebuild', () => {
  let rig: Rig;
  let rows: readonly Row[];

  before(async function () {
    this.timeout(120_000);
    rig = await startRig({
      speed: 1000,
      fleet: plainFleet(NAMES.length, {
        special: {
          quiet: NAMES.map((_, index) => index),
          noAgent: [at('noAgent')],
          agentOffline: [at('agentOffline')],
          twoRegistrations: [at('twoRegistrations')],
        },
        rebuildMinutes: [20, 20],
      }),
    });
    nameless(rig, at('namelessAtFirst'));
    const { faults } = rig.sandbox;
    desktopOf(rig, at('stopped')).log.push({ at: rig.fleet.start - 2 * HOUR, state: 'STOPPED' });
    const instanceOf = (name: Name): string => rig.fleet.members[at(name)]?.instanceIds[0] ?? assert.fail(name);
    const of = (name: Name) => ({ service: 'ssm', operation: 'SendCommand', resource: instanceOf(name) });
    faults.add({ kind: 'fail', ...of('commandFails') });
    faults.add({ kind: 'error', ...of('commandDenied'), code: 'AccessDeniedException', status: 400 });
    faults.add({ kind: 'error', ...of('wentOffline'), code: 'InvalidInstanceId', status: 400 });
    faults.add({ kind: 'error', ...of('commandUnavailable') });
    const upgrade = await startUpgrade(rig, upgradeInput({ ...warned(NOTIFY_SECONDS), maxConcurrent: 4 }));
    await upgrade.result();
    rows = await rowsOf(rig, upgrade);
  });
  after(() => rig.close());

  it('stops no rebuild, whatever becomes of it', () =>
    assert.deepEqual(
      rows.map(({ outcome }) => outcome),
      NAMES.map(() => 'rebuilt'),
    ));

  const NOTIFIED: Readonly<Record<Name, Row['notified']>> = {
    plain: 'delivered',
    another: 'delivered',
    third: 'delivered',
    twoRegistrations: 'delivered',
    noAgent: 'noAgent',
    agentOffline: 'noAgent',
    stopped: 'noAgent',
    commandFails: 'failed',
    commandDenied: 'failed',
    wentOffline: 'noAgent',
    namelessAtFirst: 'noAgent',
    commandUnavailable: 'failed',
  };
  for (const name of NAMES) {
    it(`is reported as ‘${NOTIFIED[name]}’: ${name}`, () => assert.equal(rows[at(name)]?.notified, NOTIFIED[name]));
  }

  it('is on the screen once, and the whole time that was promised before the rebuild', () => {
    for (const name of WARNED) {
      const shown = shownOn(rig, at(name));
      assert.equal(shown.length, 1, name);
      const left = (calledAt(rig, at(name)) - (shown[0]?.at ?? Infinity)) / 1000;
      assert.ok(left >= NOTIFY_SECONDS, `${name}: rebuilt ${left} s after the warning`);
      assert.match(
        shown[0]?.script ?? '',
        /^msg \* \/TIME:0 'This WorkSpace will be rebuilt in 15 minutes or a little later/,
      );
    }
  });

  it('is on no screen where it did not get through', () => {
    for (const name of NAMES.filter((each) => !WARNED.includes(each)))
      assert.deepEqual(shownOn(rig, at(name)), [], name);
  });

  it('goes to the newest registration of the computer', () => {
    const [newest, old] = rig.fleet.members[at('twoRegistrations')]?.instanceIds ?? [];
    assert.ok(newest && old);
    assert.equal(shownOn(rig, at('twoRegistrations'))[0]?.instanceId, newest);
  });

  it('passes while a WorkSpace waits for its turn: nobody waits for it twice', () => {
    const firstEnd = Math.min(...rebuildIntervals(rig.fleet.place).map(({ to }) => to ?? Infinity));
    for (const name of WARNED) assert.ok((shownOn(rig, at(name))[0]?.at ?? Infinity) < firstEnd, name);
  });

  it('is not shown on a machine that has no name, for a WorkSpace that had none', () => {
    assert.ok(scriptsRun(rig.fleet.place).every(({ instanceId }) => instanceId !== NAMELESS));
  });

  it('is not sent to a WorkSpace that is stopped', () => {
    const sent = { operation: 'SendCommand', resource: rig.fleet.members[at('stopped')]?.instanceIds[0] };
    assert.equal(rig.sandbox.recorder.count(sent), 0);
  });
});

describe('a warning that takes long to send', () => {
  it('leaves the whole time from when it was on the screen', async () => {
    const [SLOW, OTHER] = [0, 1];
    const special = { quiet: [SLOW, OTHER], noAgent: [OTHER] };
    await withRig({ fleet: plainFleet(2, { special, rebuildMinutes: [28, 28] }), speed: 1000 }, async (rig) => {
      const resource = rig.fleet.members[SLOW]?.instanceIds[0] ?? assert.fail('it has no agent');
      // Meanwhile nothing is heard of AWS's time; soon after, the end of the other one's rebuild tells it.
      rig.sandbox.faults.add({ kind: 'slow', operation: 'DescribeInstanceInformation', resource, seconds: 1500 });
      // Waits are rounded up to this, which could hide that one is too short.
      const input = upgradeInput({ ...warned(NOTIFY_SECONDS), confirmSeconds: 10 });
      await (await startUpgrade(rig, input)).result();
      const left = (calledAt(rig, SLOW) - (shownOn(rig, SLOW)[0]?.at ?? Infinity)) / 1000;
      assert.ok(left >= NOTIFY_SECONDS, `rebuilt ${left} s after the warning`);
    });
  });
});

describe('the warning on Linux', () => {
  it('is written on all terminals', async () => {
    const fleet = plainFleet(1, { special: { quiet: [0] }, rebuildMinutes: [10, 10], operatingSystem: 'LINUX' });
    await withRig({ fleet, speed: 1000 }, async (rig) => {
      await (await startUpgrade(rig, upgradeInput({ ...warned(60) }))).result();
      assert.match(
        shownOn(rig, 0)[0]?.script ?? '',
        /^wall 'This WorkSpace will be rebuilt in 60 seconds or a little later/,
      );
    });
  });
});

describe('the warning while Systems Manager is down', () => {
  it('is left out, noted in the plan, and stops no rebuild', async () => {
    const fleet = plainFleet(2, { special: { quiet: [0, 1] }, rebuildMinutes: [10, 10] });
    await withRig({ fleet, speed: 1000 }, async (rig) => {
      rig.sandbox.faults.add({ kind: 'error', service: 'ssm' });
      const upgrade = await startUpgrade(rig, upgradeInput({ ...warned(60) }));
      const { outcome, plan } = await upgrade.result();
      assert.equal(outcome, 'completed', plan.problems.map(({ message }) => message).join('\n'));
      assert.deepEqual(
        (await rowsOf(rig, upgrade)).map(({ outcome: each, notified }) => [each, notified]),
        [
          ['rebuilt', 'noAgent'],
          ['rebuilt', 'noAgent'],
        ],
      );
      assert.ok(
        plan.notes.some((note) => /ssm:DescribeInstanceInformation/.test(note)),
        plan.notes.join('\n'),
      );
    });
  });
});
