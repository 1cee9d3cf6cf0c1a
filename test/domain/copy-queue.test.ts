import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CopyQueue, type CopyAsk, type CopyQueueLimits, type CopyRequest } from '../../domain/copy-queue.ts';
import type { CopyJobSeen } from '../../domain/custody.ts';

const AT = '2026-03-02T08:00:00.000Z';
const later = (minutes: number): string => new Date(Date.parse(AT) + minutes * 60_000).toISOString();

const ask = (number: number, changes: Partial<CopyAsk> = {}): CopyAsk => ({
  holder: `custody/arn:aws:ec2:eu-central-1::snapshot/snap-${number}`,
  destinationVaultArn: 'arn:aws:backup:eu-central-1:444455556666:backup-vault:nightly',
  pointArn: `arn:aws:ec2:eu-central-1::snapshot/snap-${number}`,
  resourceArn: `arn:aws:ec2:eu-central-1:111122223333:volume/vol-${number}`,
  at: AT,
  ...changes,
});
const jobOf = ({ pointArn, destinationVaultArn }: CopyAsk, changes: Partial<CopyJobSeen> = {}): CopyJobSeen => ({
  jobId: `job of ${pointArn}`,
  state: 'COMPLETED',
  message: null,
  pointArn,
  destinationVaultArn,
  copyArn: 'arn:copy',
  createdAt: AT,
  endedAt: later(5),
  ...changes,
});
const holders = (grants: readonly { readonly holder: string }[]): string[] => grants.map(({ holder }) => holder);
const asking = (limits: CopyQueueLimits, number: number, changes: Partial<CopyAsk> = {}): CopyRequest => ({
  ...ask(number, changes),
  limits,
});
const queueOf = (limits: CopyQueueLimits, ...asks: readonly CopyAsk[]): CopyQueue => {
  const queue = new CopyQueue(limits);
  for (const each of asks) queue.ask({ ...each, limits });
  return queue;
};

describe('the queue of copies', () => {
  it('grants in order, up to the limit of the Region, and beyond it up to that of each vault', () => {
    const other = { destinationVaultArn: 'arn:aws:backup:eu-central-1:444455556666:backup-vault:other' };
    const asks = [ask(1), ask(2), ask(3), ask(4), ask(5, other), ask(6, other)];
    const queue = queueOf({ perRegion: 2, perVault: 1 }, ...asks);
    assert.deepEqual(
      holders(queue.grant()),
      [1, 2, 3, 5].map((number) => ask(number).holder),
    );
    assert.equal(queue.canGrant, false);
    queue.giveBack(ask(1));
    assert.deepEqual(holders(queue.grant()), [ask(4).holder]);
  });

  it('starts more where the limits are AWS’s own, as AWS keeps those itself and CREATED jobs do not count', () => {
    const asks = Array.from({ length: 900 }, (_, number) => ask(number));
    assert.equal(queueOf({ perRegion: 100, perVault: 0 }, ...asks).grant().length, 600);
    assert.equal(queueOf({ perRegion: 99, perVault: 0 }, ...asks).grant().length, 99);
  });

  it('starts no more than may run for an hour after AWS has refused one as too many, in a new history too', () => {
    const limits = { perRegion: 100, perVault: 0 };
    const queue = queueOf(limits, ...Array.from({ length: 900 }, (_, number) => ask(number)));
    queue.grant();
    for (let number = 0; number < 599; number += 1) queue.giveBack({ ...ask(number), overQuotaAt: later(1) });
    assert.equal(queue.isCareful, true);
    assert.equal(queue.grant().length, 99);
    const next = new CopyQueue(limits, structuredClone(queue.pack()));
    next.ended(later(60), []);
    assert.deepEqual(next.grant(), []);
    next.ended(later(61), []);
    assert.equal(next.isCareful, false);
    assert.equal(next.grant().length, 201);
  });

  it('lets one copy of a resource begin at a time, and no other wait for one that has not ended for hours', () => {
    const same = { resourceArn: ask(1).resourceArn };
    const queue = queueOf({ perRegion: 5, perVault: 1 }, ask(1), ask(2, same), ask(3));
    assert.deepEqual(holders(queue.grant()), [ask(1).holder, ask(3).holder]);
    for (let look = 0; look < 240; look += 1) queue.ended(later(look / 2), []);
    assert.deepEqual(holders(queue.grant()), [ask(2).holder]);
  });

  it('gives the place of a copy that has not ended for a day to others, and still tells its end', () => {
    const queue = queueOf({ perRegion: 1, perVault: 0 }, ask(1), ask(2));
    queue.grant();
    for (let look = 0; look < 2_879; look += 1) queue.ended(later(look / 2), []);
    assert.deepEqual(queue.grant(), []);
    queue.ended(later(1_440), []);
    assert.deepEqual(holders(queue.grant()), [ask(2).holder]);
    assert.deepEqual(holders(queue.ended(later(1_441), [jobOf(ask(1))])), [ask(1).holder]);
  });

  it('goes by the smallest limits of those who share it, until nobody is left', () => {
    const wide = { perRegion: 3, perVault: 0 };
    const queue = queueOf(wide, ask(1));
    queue.grant();
    queue.ask(asking({ perRegion: 2, perVault: 0 }, 2));
    queue.ask(asking(wide, 3));
    assert.deepEqual(holders(queue.grant()), [ask(2).holder]);
    for (const number of [1, 2, 3]) queue.giveBack(ask(number));
    for (const number of [4, 5, 6]) queue.ask(asking(wide, number));
    assert.equal(queue.grant().length, 3);
  });

  it('keeps the place of who asks again, and tells who has its turn once more', () => {
    const one = { perRegion: 1, perVault: 0 };
    const queue = queueOf(one, ask(1), ask(2), ask(3));
    queue.grant();
    assert.equal(queue.ask(asking(one, 1)), true);
    assert.equal(queue.ask(asking(one, 2)), false);
    assert.deepEqual(holders(queue.waiting), [ask(2).holder, ask(3).holder]);
  });

  it('frees the place of a copy that AWS shows to have ended, and tells its holder once', () => {
    const queue = queueOf({ perRegion: 1, perVault: 0 }, ask(1), ask(2));
    queue.grant();
    const told = queue.ended(later(6), [jobOf(ask(1)), jobOf(ask(9))]);
    assert.deepEqual(holders(told), [ask(1).holder]);
    assert.equal(told[0]?.hint.copyArn, 'arn:copy');
    assert.ok(queue.seen.includes(jobOf(ask(1)).jobId));
    assert.deepEqual(holders(queue.grant()), [ask(2).holder]);
    assert.equal(queue.since, later(4));
  });

  it('forgets holders that do not run any more', () => {
    const queue = queueOf({ perRegion: 1, perVault: 0 }, ask(1), ask(2), ask(3));
    queue.grant();
    queue.forget([ask(1).holder, ask(2).holder]);
    assert.deepEqual(holders(queue.grant()), [ask(3).holder]);
  });

  it('doubts who has held its place for long', () => {
    const queue = queueOf({ perRegion: 1, perVault: 0 }, ask(1));
    queue.grant();
    for (let look = 1; look < 10; look += 1) {
      queue.ended(later(look), []);
      assert.deepEqual(queue.doubtful(10), []);
    }
    queue.ended(later(10), []);
    assert.deepEqual(queue.doubtful(10), [ask(1).holder]);
  });

  it('is the same after it was packed, in little room', () => {
    const asks = fc.array(
      fc.record({ number: fc.nat(50), holder: fc.constantFrom('custody', 'custody-copy-back'), hop: fc.boolean() }),
    );
    fc.assert(
      fc.property(asks, fc.nat(5), (some, perRegion) => {
        const queue = new CopyQueue({ perRegion, perVault: 1 });
        for (const { number, holder, hop } of some) {
          const { pointArn } = ask(hop ? number + 1000 : number);
          const at = { holder: `${holder}/${ask(number).pointArn}`, pointArn };
          queue.ask(asking({ perRegion, perVault: 1 }, number, at));
        }
        queue.grant();
        queue.ended(later(3), []);
        const packed = JSON.parse(JSON.stringify(queue.pack())) as ReturnType<typeof queue.pack>;
        const again = new CopyQueue({ perRegion: 9, perVault: 9 }, packed);
        assert.deepEqual(again.waiting, queue.waiting);
        assert.deepEqual(again.copying, queue.copying);
        assert.equal(again.since, queue.since);
        assert.deepEqual(again.grant(), queue.grant());
      }),
    );
    const many = Array.from({ length: 10_000 }, (_, number) => ask(number));
    const size = JSON.stringify(queueOf({ perRegion: 100, perVault: 5 }, ...many).pack()).length;
    assert.ok(size < 1_000_000, `${size} bytes`);
  });

  it('carries as many as Temporal takes, the first of them: the others ask again', () => {
    const arn = 'arn:aws:rds:eu-central-1:111122223333:snapshot:awsbackup:job-0175DE71-1111-2222-3333-';
    const many = Array.from({ length: 30_000 }, (_, number) => {
      const pointArn = `${arn}${String(number).padStart(12, '0')}`;
      return ask(number, { pointArn, holder: `custody/${pointArn}` });
    });
    const limits = { perRegion: 100, perVault: 5 };
    const queue = queueOf(limits, ...many);
    queue.grant();
    const packed = queue.pack();
    assert.ok(JSON.stringify(packed).length < 1_500_000);
    const again = new CopyQueue(limits, packed);
    assert.deepEqual(again.copying, queue.copying);
    assert.deepEqual(again.waiting, queue.waiting.slice(0, 10_000));
  });

  it('never has more copies at once than allowed, nor two of a resource, and starves nobody', () => {
    const steps = fc.array(fc.record({ number: fc.nat(12), resource: fc.nat(6), ends: fc.boolean() }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 4 }), (some, perRegion) => {
        const queue = new CopyQueue({ perRegion, perVault: 1 });
        const end = (): void => {
          const [first] = queue.copying;
          if (first) queue.giveBack(first);
        };
        for (const { number, resource, ends } of some) {
          queue.ask(asking({ perRegion, perVault: 1 }, number, { resourceArn: `arn:resource/${resource}` }));
          queue.grant();
          assert.ok(queue.copying.length <= perRegion + 1);
          assert.equal(new Set(queue.copying.map(({ resourceArn }) => resourceArn)).size, queue.copying.length);
          if (ends) end();
        }
        for (let turn = 0; turn <= some.length && !queue.isEmpty; turn += 1) {
          queue.grant();
          end();
        }
        assert.ok(queue.isEmpty);
      }),
    );
  });
});
