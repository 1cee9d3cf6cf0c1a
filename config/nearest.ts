/** What somebody who mistyped a name may have meant. */

/** `did you mean "retention"? known are …` */
export function knownText(name: string, all: readonly string[]): string {
  // Where a wrong one was told, nothing stands in its place.
  const known = all.filter((each) => each !== '');
  const near = nearest(name, known);
  const list = known.length > 0 ? `known are ${known.join(', ')}` : 'there are none';
  return near === null ? list : `did you mean ${JSON.stringify(near)}? ${list}`;
}

function nearest(name: string, known: readonly string[]): string | null {
  const ranked = known.map((each) => ({ each, changes: changes(name.toLowerCase(), each.toLowerCase()) }));
  const [best] = ranked.toSorted((a, b) => a.changes - b.changes);
  return best && best.changes <= Math.max(1, Math.floor(name.length / 3)) ? best.each : null;
}

/** How many letters must be changed, added or left out (Levenshtein's distance). */
function changes(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let index = 0; index < from.length; index += 1) {
    const next = [index + 1];
    for (let at = 0; at < to.length; at += 1) {
      const kept = (row[at] ?? 0) + (from[index] === to[at] ? 0 : 1);
      next.push(Math.min(kept, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
