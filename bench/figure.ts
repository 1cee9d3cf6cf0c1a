/** One measured figure beside its goal. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** The limit in words: `≤ 1.10`; null: a figure to compare with, without a goal. */
  readonly goal: string | null;
  readonly ok: boolean;
}

export const atMost = (bench: string, figure: string, value: number, unit: string, limit: number): Figure => ({
  bench,
  figure,
  value: round(value),
  unit,
  goal: `≤ ${limit}`,
  ok: value <= limit,
});

/** A figure that stands beside others. */
export const beside = (bench: string, figure: string, value: number, unit: string): Figure => ({
  bench,
  figure,
  value: round(value),
  unit,
  goal: null,
  ok: true,
});

const round = (value: number): number => Math.round(value * 1000) / 1000;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
