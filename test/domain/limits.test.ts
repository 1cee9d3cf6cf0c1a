/** Reservations of a scarce number, in order of arrival. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { exchangeLease, type Lease } from '../../domain/limits.ts';

const ask = (leases: readonly Lease[], holder: string, units: number | null) =>
  exchangeLease(leases, { holder, units, evict: [] });

describe('exchangeLease', () => {
  it('tells who came earlier and what all others hold, and keeps a place while its holder changes how many it wants', () => {
    const first = ask([], 'a', 6);
    const second = ask(first.leases, 'b', 5);
    assert.deepEqual(second.answer, { ahead: 6, others: 6, holders: ['a'] });
    const again = ask(second.leases, 'a', 2);
    assert.deepEqual(again.answer, { ahead: 0, others: 5, holders: ['b'] });
    assert.deepEqual(ask(again.leases, 'b', 5).answer, { ahead: 2, others: 2, holders: ['a'] });
    const none = ask(again.leases, 'a', 0);
    assert.deepEqual(ask(none.leases, 'a', 3).answer.ahead, 0, 'who holds none for a while comes first all the same');
  });

  it('frees what is given back, and what a holder had that does not run any more', () => {
    const { leases } = ask(ask([], 'a', 6).leases, 'b', 3);
    assert.deepEqual(ask(leases, 'a', null).leases, [{ holder: 'b', units: 3 }]);
    const evicted = exchangeLease(leases, { holder: 'b', units: 3, evict: ['a'] });
    assert.deepEqual(evicted.answer, { ahead: 0, others: 0, holders: [] });
  });

  it('only looks when asked for nothing: all others are ahead', () => {
    const { leases } = ask([], 'a', 6);
    assert.deepEqual(ask(leases, 'plan', null), { leases, answer: { ahead: 6, others: 6, holders: ['a'] } });
  });

  it('leaves each holder what it has, whoever asks in whatever order', () => {
    const request = fc.record({
      holder: fc.constantFrom('a', 'b', 'c'),
      units: fc.oneof(fc.nat(9), fc.constant(null)),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 30 }), (requests) => {
        let leases: readonly Lease[] = [];
        for (const { holder, units } of requests) ({ leases } = ask(leases, holder, units));
        const last = new Map(requests.map(({ holder, units }) => [holder, units]));
        const held = [...last].filter(([, units]) => units !== null);
        assert.deepEqual(new Map(leases.map(({ holder, units }) => [holder, units])), new Map(held));
        for (const [index, { holder, units }] of leases.entries()) {
          const before = leases.slice(0, index).reduce((sum, lease) => sum + lease.units, 0);
          assert.equal(ask(leases, holder, units).answer.ahead, before);
        }
      }),
    );
  });
});
