/** How many run from each instant on, in order of time: none before the first step, and none from the last on. */
export type Occupancy = [at: number, count: number][];

/** The earliest start from an instant on of what lasts so long, with never more than so many at the same moment. */
export function firstFit(steps: Occupancy, from: number, length: number, limit: number): number {
  let start = from;
  for (let index = stepAt(steps, from); index < steps.length; index++) {
    const count = steps[index]?.[1] ?? 0;
    const until = steps[index + 1]?.[0] ?? Infinity;
    if (count >= limit) start = until;
    else if (until >= start + length) return start;
  }
  return start;
}

/** Adds one that runs in this time. */
export function occupy(steps: Occupancy, from: number, to: number): void {
  const first = splitAt(steps, from);
  const end = splitAt(steps, to);
  for (let index = first; index < end; index++) (steps[index] as Occupancy[number])[1] += 1;
}

/** Forgets what was before an instant. */
export function forgetBefore(steps: Occupancy, instant: number): void {
  const index = stepAt(steps, instant);
  if (index > 0) steps.splice(0, index);
}

/** The index of the step that begins at an instant, which is made where there is none. */
function splitAt(steps: Occupancy, at: number): number {
  const index = stepAt(steps, at);
  if (steps[index]?.[0] === at) return index;
  steps.splice(index + 1, 0, [at, steps[index]?.[1] ?? 0]);
  return index + 1;
}

/** The index of the last step that begins at an instant or before; -1: none does. */
function stepAt(steps: Occupancy, at: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((steps[middle] as Occupancy[number])[0] <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
