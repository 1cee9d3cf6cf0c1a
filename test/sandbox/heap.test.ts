import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Heap } from '../../sandbox/heap.ts';

describe('The heap', () => {
  it('gives the least first, of equal ones the one that came first, whatever else comes in between', () => {
    const steps = fc.array(fc.oneof(fc.nat(9), fc.constant('pop' as const)), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (given) => {
        const heap = new Heap<{ value: number; number: number }>((a, b) => a.value - b.value);
        let sorted: { value: number; number: number }[] = [];
        for (const [number, step] of given.entries()) {
          if (step === 'pop') {
            assert.deepEqual(heap.peek(), sorted[0]);
            assert.deepEqual(heap.pop(), sorted.shift());
          } else {
            heap.push({ value: step, number });
            sorted = [...sorted, { value: step, number }].sort((a, b) => a.value - b.value || a.number - b.number);
          }
          assert.equal(heap.size, sorted.length);
        }
      }),
    );
  });
});
