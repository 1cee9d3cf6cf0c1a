/**
 * Errors of workflows tell where they were thrown, also in a worker whose threads keep no traces: see
 * `worker/promise-traces.ts`.
 */
Error.stackTraceLimit = 10;
