import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Interrupted } from '../../workflows/agenda.ts';
import { Turns } from '../../workflows/turns.ts';

/** Lets everyone who was woken have his say. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Asker {
  readonly id: string;
  readonly order: string;
  /** Breaks ties of the order. */
  readonly arrival: number;
}

type Event = { readonly ask: number } | { readonly release: number } | { readonly resize: number };

const events = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ ask: fc.nat(4) }) },
    { weight: 3, arbitrary: fc.record({ release: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ resize: fc.integer({ min: 1, max: 6 }) }) },
  ),
  { maxLength: 60 },
);

/** Plays the events, checks after each that nobody is served too early or too late, and ends when all were served. */
async function play(size: number, all: readonly Event[]): Promise<void> {
  const turns = new Turns(size, []);
  const waiting: Asker[] = [];
  const held: string[] = [];
  const served: string[] = [];
  let asked = 0;
  const expected: string[] = [];
  const serve = (): void => {
    while (held.length < turns.size && waiting.length > 0) {
      waiting.sort((a, b) => a.order.localeCompare(b.order) || a.arrival - b.arrival);
      const { id } = waiting.shift() as Asker;
      held.push(id);
      expected.push(id);
    }
  };
  const release = (index: number): void => {
    const [id] = held.splice(index % held.length, 1);
    turns.release(id as string);
  };
  const check = async (): Promise<void> => {
    serve();
    await settled();
    assert.deepEqual(served, expected);
    assert.equal(turns.queued, waiting.length);
    assert.equal(turns.idle, Math.max(0, turns.size - held.length - waiting.length));
  };
  for (const event of all) {
    if ('ask' in event) {
      const asker = { id: `ws-${asked}`, order: String(event.ask), arrival: asked };
      asked += 1;
      waiting.push(asker);
      void turns.acquire(asker.id, asker.order).then(() => served.push(asker.id));
    } else if ('resize' in event) turns.resize(event.resize);
    else if (held.length > 0) release(event.release);
    await check();
  }
  while (held.length > 0) {
    release(0);
    await check();
  }
  assert.equal(served.length, asked, 'everyone was served');
}

describe('Turns', () => {
  it('are never more than there are, and go to everyone in the order of the queue', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 5 }), events, play), { numRuns: 200 });
  });

  it('do not all go to those who wake at the same moment', async () => {
    const turns = new Turns(1, []);
    const served: number[] = [];
    for (let n = 0; n < 26; n += 1) void turns.acquire(`ws-${n}`, '').then(() => served.push(n));
    await settled();
    assert.deepEqual(served, [0]);
    turns.release('ws-0');
    await settled();
    assert.deepEqual(served, [0, 1]);
  });

  it('stay with those who held them before a restart', async () => {
    const turns = new Turns(2, ['ws-1', 'ws-2']);
    let served = false;
    await turns.acquire('ws-1', '');
    void turns.acquire('ws-3', '').then(() => (served = true));
    await settled();
    assert.equal(served, false);
    turns.release('ws-2');
    await settled();
    assert.equal(served, true);
  });

  it('are given up by those in the queue when nothing new may begin, and kept by those who have them', async () => {
    const turns = new Turns(1, []);
    await turns.acquire('ws-1', '');
    const second = turns.acquire('ws-2', '');
    turns.stop();
    await assert.rejects(second, Interrupted);
    await assert.rejects(turns.acquire('ws-3', ''), Interrupted, 'and by those who come later');
    assert.equal(turns.queued, 0);
    assert.equal(turns.idle, 0, 'the first one still has its turn');
  });
});
