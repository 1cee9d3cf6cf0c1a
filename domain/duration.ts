/** Durations as people write them: `90s`, `30m`, `12h`, `2d`. */

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Seconds of `90`, `90s`, `15m`, `4h` or `1d`; null: none of these. */
export function parseDuration(text: string): number | null {
  const [, count, unit = 's'] = /^(\d{1,9})\s*([smhd])?$/.exec(text.trim()) ?? [];
  return count === undefined ? null : Number(count) * SECONDS[unit as keyof typeof SECONDS];
}
