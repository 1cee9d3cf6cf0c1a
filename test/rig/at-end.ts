/** What tests share for the whole run is ended here, after the last one: mocha loads this before any test. */
const ends: (() => Promise<void>)[] = [];

export function atEnd(end: () => Promise<void>): void {
  ends.push(end);
}

export const mochaHooks = {
  async afterAll(): Promise<void> {
    // What was begun last stands on what was begun before it.
    for (const end of ends.toReversed()) await end();
    // What something still keeps alive then, such as a program that a test has started, has been told as a failure.
    setTimeout(() => process.exit(), 15_000).unref();
  },
};
