/** Finds or installs the Temporal server that the tests run on, before the time of any test is counted. */
import { findTemporalServer } from '../worker/temporal-server/find.ts';

try {
  const { path, version, source } = await findTemporalServer({ say: (line) => console.error(line) });
  console.error(`Temporal server ${version}: ${path} (${source})`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
