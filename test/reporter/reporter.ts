import Mocha from 'mocha';

/**
 * Mocha's spec report, closed by one line with the real counts: `N passed, N failed`, and `, N skipped` when
 * tests were skipped. A failed hook counts as failed, and a run in which no test ran exits with 1.
 */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    // At exit, not at the end of the run: what else still prints must not come after it.
    process.once('exit', () => {
      const { passes, failures, pending } = this.stats;
      console.log(`${passes} passed, ${failures} failed${pending > 0 ? `, ${pending} skipped` : ''}`);
    });
  }

  /** Mocha takes the number given to `exit` for its exit code. */
  override done(failures: number, exit: (failures: number) => void): void {
    const noTestRan = this.stats.passes + this.stats.failures === 0;
    if (noTestRan) console.error('no test ran');
    exit(noTestRan ? 1 : failures);
  }
}
