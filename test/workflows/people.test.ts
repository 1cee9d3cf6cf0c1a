/** Users are waited for or spared, and told in time: no rebuild takes anybody by surprise. */
import assert from 'node:assert/strict';
import type { ImageUpgradeInput } from '../../domain/image-upgrade.ts';
import { ONE_WAVE } from '../../domain/waves.ts';
import { plainFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { publishedMessages } from '../../sandbox/services/sns.ts';
import { pauseUpdate, resumeUpdate, statusQuery } from '../../workflows/image-upgrade.messages.ts';
import { idOf, outcomesOf, rebuildBegan, rebuildsBegun, rowAt, shownOn, snapshotsDue } from '../rig/truth.ts';
import { rowsOf, startUpgrade, upgradeInput, waitUntil, warned, withRig, type Rig } from '../rig/upgrade.ts';
import { desktopOf, HOUR, MINUTE } from '../rig/world.ts';

const nobody = { by: null, reason: null };
const all = (names: readonly string[]): number[] => names.map((_, index) => index);

describe('a connected user', function () {
  this.timeout(120_000);
  const SNAPSHOT = 60;
  /** Two and a half real seconds: more than a busy machine takes from a snapshot to a rebuild. */
  const WAIT = 90;
  const LEAVES_AFTER = 140;
  const NAMES = ['leaves', 'stays', 'away', 'notChecked', 'stopped'] as const;
  type Name = (typeof NAMES)[number];
  const at = (name: Name): number => NAMES.indexOf(name);

  /** When each was begun to be rebuilt, in minutes from the start, and how it ended. */
  async function upgradeWith(asked: Pick<ImageUpgradeInput, 'connectedUsers'>) {
    const began = {} as Record<Name, number | undefined>;
    const ended = {} as Record<Name, string | undefined>;
    await withRig({ fleet: plainFleet(NAMES.length, { rebuildMinutes: [5, 5] }) }, async (rig) => {
      const { start } = rig.fleet;
      snapshotsDue(rig, () => SNAPSHOT);
      desktopOf(rig, at('leaves')).connections = [{ from: start - HOUR, to: start + LEAVES_AFTER * MINUTE }];
      desktopOf(rig, at('stays')).connections = [{ from: start - HOUR, to: start + 100 * HOUR }];
      desktopOf(rig, at('notChecked')).connectionCheckStopped = start - HOUR;
      desktopOf(rig, at('stopped')).log.push({ at: start - 2 * HOUR, state: 'STOPPED' });
      // One turn: who is waited for must not hold it.
      const upgrade = await startUpgrade(rig, upgradeInput({ ...asked, maxConcurrent: 1 }));
      await upgrade.result();
      const outcomes = await outcomesOf(rig, upgrade);
      for (const name of NAMES) {
        const from = rebuildBegan(rig, at(name));
        began[name] = from === undefined ? undefined : (from - start) / MINUTE;
        ended[name] = outcomes[idOf(rig, at(name))];
      }
    });
    return { began, ended };
  }

  it('is waited for until they leave, and spared when they have not in time; nobody else waits for that', async () => {
    const { began, ended } = await upgradeWith({
      connectedUsers: { policy: 'wait', waitMinutes: 110, afterWait: 'skip' },
    });
    assert.deepEqual(ended, {
      leaves: 'rebuilt lateSnapshot',
      stays: 'skipped userConnected',
      away: 'rebuilt',
      notChecked: 'skipped userConnected',
      stopped: 'rebuilt',
    });
    assert.ok((began.leaves ?? 0) >= LEAVES_AFTER, `rebuilt after ${began.leaves} minutes`);
    for (const name of ['away', 'stopped'] as const)
      assert.ok((began[name] ?? Infinity) < LEAVES_AFTER, `${name}: only after ${began[name]} minutes`);
  });

  it('is waited for no longer than asked, and then rebuilt when that is asked', async () => {
    const { began, ended } = await upgradeWith({
      connectedUsers: { policy: 'wait', waitMinutes: WAIT, afterWait: 'proceed' },
    });
    assert.equal(ended.stays, 'rebuilt lateSnapshot');
    assert.equal(ended.notChecked, 'rebuilt lateSnapshot');
    for (const name of ['stays', 'notChecked'] as const)
      assert.ok((began[name] ?? 0) >= SNAPSHOT + WAIT, `${name}: after ${began[name]} minutes`);
    assert.ok((began.away ?? Infinity) < SNAPSHOT + WAIT, `away: only after ${began.away} minutes`);
  });

  it('is spared at once when that is asked', async () => {
    const { ended } = await upgradeWith({ connectedUsers: { policy: 'skip', waitMinutes: 240, afterWait: 'skip' } });
    assert.deepEqual(ended, {
      leaves: 'skipped userConnected',
      stays: 'skipped userConnected',
      away: 'rebuilt',
      notChecked: 'skipped userConnected',
      stopped: 'rebuilt',
    });
  });
});

describe('several warnings, whose delivery is required', function () {
  this.timeout(120_000);
  const FIRST = 1800;
  const SECOND = 300;
  const NAMES = ['plain', 'another', 'noAgent', 'commandFails', 'stopped', 'stopsLater', 'startsLater'] as const;
  type Name = (typeof NAMES)[number];
  const at = (name: Name): number => NAMES.indexOf(name);
  const warnings: ImageUpgradeInput['warnings'] = {
    leadSeconds: [FIRST, SECOND],
    text: 'New image in {time}: {reason}. Questions: {contact}.',
    reason: 'security fixes',
    contact: 'desk 4711',
    requireDelivery: true,
    topicArn: WELL_KNOWN.topicArn,
  };
  let outcomes: Record<string, string>;
  let begun: Record<string, number>;
  const shown = {} as Record<Name, readonly { readonly at: number; readonly script: string }[]>;
  const published = {} as Record<Name, readonly string[]>;
  const began = {} as Record<Name, number>;
  let ids: Record<Name, string>;

  before(async () => {
    const special = { quiet: [0, 1, 2, 3, 4], noAgent: [at('noAgent'), at('startsLater')] };
    const fleet = plainFleet(NAMES.length, { special, rebuildMinutes: [5, 5] });
    await withRig({ fleet, speed: 1000 }, async (rig) => {
      prepare(rig);
      const upgrade = await startUpgrade(rig, upgradeInput({ warnings }));
      await upgrade.result();
      outcomes = await outcomesOf(rig, upgrade);
      begun = rebuildsBegun(rig);
      for (const name of NAMES) {
        const id = idOf(rig, at(name));
        shown[name] = shownOn(rig, at(name));
        began[name] = rebuildBegan(rig, at(name)) ?? Infinity;
        const messages = publishedMessages(rig.fleet.place).map(({ message }) => message);
        published[name] = messages.filter((message) => message.includes(id));
      }
      ids = Object.fromEntries(NAMES.map((name) => [name, idOf(rig, at(name))])) as Record<Name, string>;
    });
  });

  /** Two change after the preflight, before their snapshots come. */
  function prepare(rig: Rig): void {
    const { start } = rig.fleet;
    snapshotsDue(rig, (index) => (index < at('stopsLater') ? 600 : 75));
    desktopOf(rig, at('stopped')).log.push({ at: start - HOUR, state: 'STOPPED' });
    desktopOf(rig, at('stopsLater')).log.push({ at: start + 60 * MINUTE, state: 'STOPPED' });
    desktopOf(rig, at('startsLater')).log.push(
      { at: start - HOUR, state: 'STOPPED' },
      { at: start + 60 * MINUTE, state: 'AVAILABLE' },
    );
    const resource = rig.fleet.members[at('commandFails')]?.instanceIds[0] ?? assert.fail('no agent');
    rig.sandbox.faults.add({ kind: 'fail', service: 'ssm', operation: 'SendCommand', resource });
  }

  it('stand on the screen in time, the first one the whole time before the rebuild', () => {
    for (const name of ['plain', 'another'] as const) {
      assert.equal(outcomes[ids[name]], 'rebuilt quiet');
      const [first, second, ...more] = shown[name].map((each) => each.at);
      assert.ok(first !== undefined && second !== undefined && more.length === 0, `${name}: ${shown[name].length}`);
      const called = began[name];
      assert.ok(called - first >= FIRST * 1000, `rebuilt ${(called - first) / 1000} s after the first`);
      assert.ok(called - second >= SECOND * 1000, `rebuilt ${(called - second) / 1000} s after the second`);
      // The first one’s time runs from when it is known to be on the screen, and a second is no earlier than due.
      assert.ok(
        second - first >= (FIRST - SECOND) * 1000,
        `the second came ${(second - first) / 1000} s after the first`,
      );
    }
  });

  it('say how long it is until the rebuild, why, and whom to ask', () => {
    const texts = shown.plain.map(({ script }) => script);
    assert.match(texts[0] ?? '', /New image in 30 minutes: security fixes. Questions: desk 4711./);
    assert.match(texts[1] ?? '', /New image in 5 minutes: security fixes. Questions: desk 4711./);
  });

  it('go to the topic too, each once, with the WorkSpace and its user', () => {
    assert.equal(published.plain.length, 2);
    assert.match(
      published.plain[0] ?? '',
      /^\w+\.\w+, WorkSpace ws-0fleet0001 \(WSAMZN-\w+\): New image in 30 minutes/,
    );
    assert.match(published.plain[1] ?? '', /New image in 5 minutes/);
  });

  it('spare whom they do not reach, and tell nobody of a rebuild that does not come', () => {
    assert.equal(outcomes[ids.noAgent], 'skipped notWarned');
    assert.equal(outcomes[ids.commandFails], 'skipped notWarned');
    assert.deepEqual([begun[ids.noAgent], begun[ids.commandFails]], [0, 0]);
    assert.deepEqual([...published.noAgent, ...published.commandFails], []);
  });

  it('need not reach a WorkSpace that is stopped by then, but one that has been started', () => {
    assert.equal(outcomes[ids.stopped], 'rebuilt quiet');
    assert.equal(outcomes[ids.stopsLater], 'rebuilt');
    assert.equal(outcomes[ids.startsLater], 'skipped notWarned');
  });
});

describe('a warning', function () {
  this.timeout(120_000);

  it('is not given before its wave, and again, with all its time, after a pause', async () => {
    const LEAD = HOUR;
    const [CANARY, LATER] = [0, 1];
    const fleet = plainFleet(2, { special: { quiet: all(['canary', 'later']) }, rebuildMinutes: [5, 5] });
    await withRig({ fleet }, async (rig) => {
      const canary = { size: '1', choose: 'list' as const, tag: null, workspaceIds: [idOf(rig, CANARY)] };
      const waves = { ...ONE_WAVE, canary };
      const upgrade = await startUpgrade(rig, upgradeInput({ ...warned(LEAD / 1000), waves }));
      await waitUntil('the canary is warned', () => shownOn(rig, CANARY).length === 1);
      await upgrade.executeUpdate(pauseUpdate, { args: [nobody] });
      await waitUntil('it waits again', async () => (await rowAt(rig, upgrade, CANARY))?.step === 'warning');
      assert.equal((await upgrade.query(statusQuery)).halt?.kind, 'paused');
      assert.equal(shownOn(rig, CANARY).length, 1);
      await upgrade.executeUpdate(resumeUpdate, { args: [{ ...nobody, workspaceId: null }] });
      await upgrade.result();
      const shown = [CANARY, LATER].map((index) => shownOn(rig, index).map((each) => each.at));
      assert.deepEqual(
        shown.map((each) => each.length),
        [2, 1],
      );
      const began = rebuildBegan(rig, CANARY) ?? assert.fail('not rebuilt');
      assert.ok(began - (shown[CANARY]?.[1] ?? Infinity) >= LEAD, 'the second warning left all its time');
      assert.ok((shown[LATER]?.[0] ?? 0) > began, 'the second wave was told when the first had gone');
      assert.ok((await rowsOf(rig, upgrade)).every(({ notified }) => notified === 'delivered'));
    });
  });
});
