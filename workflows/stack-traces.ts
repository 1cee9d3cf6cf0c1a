/**
 * Errors of workflows tell in which functions they were thrown, also in a worker whose threads take no traces; lines would
 * be those of the bundle. Promises, of which Temporal's SDK would keep a trace each, still have none: see
 * `worker/promise-traces.ts`.
 */
Error.stackTraceLimit = 10;
Error.prepareStackTrace = (error, frames) => {
  const names = frames.map((frame) => frame.getFunctionName() ?? '<anonymous>');
  // The SDK makes an error where a promise is made, to read its trace.
  return names[0] === 'init' ? '' : [String(error), ...names.map((name) => `    at ${name}`)].join('\n');
};
