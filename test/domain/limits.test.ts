/** Reservations of a scarce number, in order of arrival. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { exchangeLease, type Lease } from '../../domain/limits.ts';

const ask = (leases: readonly Lease[], holder: string, units: number, capacity: number) =>
  exchangeLease(leases, { holder, units, capacity, evict: [] });

describe('exchangeLease', () => {
  it('serves the earlier ones first, and keeps a place while its holder changes how many it wants', () => {
    const first = ask([], 'a', 6, 10);
    const second = ask(first.leases, 'b', 6, 10);
    assert.deepEqual(second.answer, { granted: 4, ahead: 6, before: ['a'] });
    const again = ask(second.leases, 'a', 2, 10);
    assert.deepEqual(again.answer, { granted: 2, ahead: 0, before: [] });
    assert.equal(ask(again.leases, 'b', 6, 10).answer.granted, 6);
  });

  it('frees what is given back, and what a holder had that does not run any more', () => {
    const { leases } = ask(ask([], 'a', 6, 10).leases, 'b', 3, 10);
    assert.deepEqual(ask(leases, 'a', 0, 0).leases, [{ holder: 'b', units: 3 }]);
    const evicted = exchangeLease(leases, { holder: 'b', units: 3, capacity: 3, evict: ['a'] });
    assert.deepEqual(evicted.answer, { granted: 3, ahead: 0, before: [] });
  });

  it('only looks when asked for none: all others are ahead', () => {
    const { leases } = ask([], 'a', 6, 10);
    assert.deepEqual(ask(leases, 'plan', 0, 10), { leases, answer: { granted: 0, ahead: 6, before: ['a'] } });
  });

  it('never grants more than there is, whoever asks in whatever order', () => {
    const request = fc.record({ holder: fc.constantFrom('a', 'b', 'c'), units: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 30 }), fc.nat(20), (requests, capacity) => {
        let leases: readonly Lease[] = [];
        for (const { holder, units } of requests) ({ leases } = ask(leases, holder, units, capacity));
        const granted = leases.map(({ holder, units }) => ask(leases, holder, units, capacity).answer.granted);
        assert.ok(granted.reduce((sum, each) => sum + each, 0) <= capacity);
        assert.equal(new Set(leases.map(({ holder }) => holder)).size, leases.length);
      }),
    );
  });
});
