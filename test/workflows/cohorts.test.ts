import assert from 'node:assert/strict';
import fc from 'fast-check';
import { countPhases } from '../../domain/upgrade-row.ts';
import { Cohorts, newCohort, type CohortRecord } from '../../workflows/cohorts.ts';

const said = {
  runId: '',
  at: '',
  counts: countPhases([]),
  aborted: false,
  left: [],
  quiet: false,
  settled: false,
  done: false,
};

const started = (id: string, turns: number): CohortRecord => ({ ...newCohort(id, [], turns, 1), started: true });

/** A cohort as it lives beside the run: its turns, and how many of its WorkSpaces want one. */
class Desk {
  readonly id: string;
  turns: number;
  held = 0;
  queued = 0;
  waiting: number;

  constructor({ id, turns }: CohortRecord, waiting: number) {
    this.id = id;
    this.turns = turns;
    this.waiting = waiting;
  }

  take(): void {
    const some = Math.min(this.queued, this.turns - this.held);
    this.queued -= some;
    this.held += some;
  }

  /** What it tells the run: its queue, and the turns that nobody here wants. */
  tell(): { readonly queued: number; readonly returned: number } {
    const returned = Math.max(0, this.turns - this.held - this.queued);
    this.turns -= returned;
    return { queued: this.queued, returned };
  }
}

const steps = fc.array(fc.record({ cohort: fc.nat(9), what: fc.constantFrom('ready', 'ended', 'tell') }), {
  minLength: 20,
  maxLength: 120,
});

function play(cap: number, fleets: readonly number[], all: readonly { cohort: number; what: string }[]): void {
  const records = fleets.map((_, index) => started(`cohort-${index + 1}`, 0));
  const cohorts = new Cohorts(records, cap);
  const desks = records.map((record, index) => new Desk(record, fleets[index] ?? 0));
  const tell = (desk: Desk): void => {
    const { queued, returned } = desk.tell();
    cohorts.heard({ ...said, cohort: desk.id, queued, returned });
    for (const { cohort, turns } of cohorts.grants()) {
      const granted = desks.find((each) => each.id === cohort) as Desk;
      granted.turns += turns;
      granted.take();
    }
    const out = desks.reduce((sum, each) => sum + each.turns, 0);
    assert.ok(out <= cap, `${out} turns are out, the cap is ${cap}`);
    assert.equal(
      out,
      records.reduce((sum, each) => sum + each.turns, 0),
      'the run knows who has how many',
    );
  };
  const step = (desk: Desk, what: string): void => {
    if (what === 'ready' && desk.waiting > 0) {
      desk.waiting -= 1;
      desk.queued += 1;
    } else if (what === 'ended' && desk.held > 0) desk.held -= 1;
    desk.take();
    assert.ok(desk.held <= desk.turns);
    if (what === 'tell') tell(desk);
  };
  for (const { cohort, what } of all) step(desks[cohort % desks.length] as Desk, what);
  // Whatever came before: when each goes on for long enough, everyone has had a turn.
  for (let round = 0; round < 500; round += 1)
    for (const desk of desks) for (const what of ['ready', 'tell', 'ended', 'tell']) step(desk, what);
  assert.deepEqual(
    desks.map(({ waiting, queued, held }) => ({ waiting, queued, held })),
    desks.map(() => ({ waiting: 0, queued: 0, held: 0 })),
  );
}

describe('Cohorts', () => {
  it('get never more turns together than the cap, and everyone in them is served', () => {
    const fleets = fc.array(fc.nat(20), { minLength: 1, maxLength: 6 });
    fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), fleets, steps, play), { numRuns: 200 });
  });

  it('that were lost give their turns to the others', () => {
    const cohorts = new Cohorts([started('a', 2), started('b', 0)], 2);
    cohorts.heard({ ...said, cohort: 'b', queued: 3, returned: 0 });
    assert.deepEqual(cohorts.grants(), []);
    cohorts.lose('a');
    assert.deepEqual(cohorts.grants(), [{ cohort: 'b', turns: 2 }]);
    assert.equal(cohorts.allEnded, false);
  });

  it('are asked after when they told nothing between two looks', () => {
    const cohorts = new Cohorts([started('a', 1), started('b', 1)], 2);
    assert.deepEqual(cohorts.silent(), [], 'the first look only notes who is there');
    cohorts.heard({ ...said, cohort: 'b', queued: 0, returned: 0 });
    assert.deepEqual(cohorts.silent(), ['a']);
  });

  it('give turns back when the cap shrinks, from where the most are, and get them again when it grows', () => {
    const records = [started('a', 6), started('b', 4)];
    assert.deepEqual(new Cohorts(records, 5).takeBack(), [
      { cohort: 'a', turns: -4 },
      { cohort: 'b', turns: -1 },
    ]);
    const shrunk = new Cohorts(records, 5);
    shrunk.heard({ ...said, cohort: 'a', queued: 2, returned: 0 });
    assert.deepEqual(shrunk.grants(), []);
    assert.deepEqual(new Cohorts(records, 6).grants(), [{ cohort: 'a', turns: 1 }]);
  });

  it('make good first what was taken back while they returned it themselves', () => {
    const records = [started('a', 3)];
    const cohorts = new Cohorts(records, 1);
    cohorts.takeBack();
    cohorts.heard({ ...said, cohort: 'a', queued: 0, returned: 3 });
    assert.equal(records[0]?.turns, -2);
    cohorts.heard({ ...said, cohort: 'a', queued: 1, returned: 0 });
    assert.deepEqual(cohorts.grants(), [{ cohort: 'a', turns: 3 }]);
  });

  it('of which there is only one have the whole cap, wanted or not', () => {
    assert.deepEqual(new Cohorts([started('a', 3)], 8).giveAll(), [{ cohort: 'a', turns: 5 }]);
  });
});
