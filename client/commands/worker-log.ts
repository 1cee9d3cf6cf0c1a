/** Where a worker's log goes: Temporal's runtime takes it once a process. */
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { inspect } from 'node:util';
import { DefaultLogger, makeTelemetryFilterString, Runtime, type LogLevel } from '@temporalio/worker';

/** @param file absent: stderr */
export function logWorker(level: LogLevel, file?: string): void {
  Runtime.install({
    logger: file === undefined ? new DefaultLogger(level) : fileLogger(level, file),
    // Temporal's core would write to the terminal by itself, in the middle of a live view.
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) } },
    shutdownSignals: [],
  });
}

function fileLogger(level: LogLevel, file: string): DefaultLogger {
  mkdirSync(dirname(file), { recursive: true });
  const stream = createWriteStream(file, { flags: 'a' });
  return new DefaultLogger(level, ({ level: of, timestampNanos, message, meta }) => {
    const at = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
    stream.write(`${at} ${of} ${message}${meta === undefined ? '' : ` ${metaText(meta)}`}\n`);
  });
}

/** On one line. To JSON an Error is `{}`, and a bigint an error. */
export const metaText = (meta: object): string =>
  JSON.stringify(meta, (_key, value: unknown) => {
    if (value instanceof Error) return inspect(value);
    return typeof value === 'bigint' ? String(value) : value;
  });
