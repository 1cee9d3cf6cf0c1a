/** Says `<what> (45 s)` every now and then until the work ends. @param everyMs @default 15,000 */
export async function sayElapsed<T>(
  say: (line: string) => void,
  what: () => string,
  work: Promise<T>,
  everyMs = 15_000,
): Promise<T> {
  const from = performance.now();
  const timer = setInterval(() => say(`${what()} (${Math.round((performance.now() - from) / 1000)} s)`), everyMs);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
