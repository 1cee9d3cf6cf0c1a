import { createHash } from 'node:crypto';

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** In [from, to). */
  between(from: number, to: number): number;
  /** One of the items, each as likely. */
  pick<T>(items: readonly T[]): T;
  /** So many lower-case letters and digits. */
  id(length: number): string;
  /**
   * So many hexadecimal digits, which follow from the whole of seed and name: of a hundred thousand names two may well have
   * the same numbers, which begin with 32 bits, but never the same digits.
   */
  hex(length: number): string;
}

const HEX = '0123456789abcdef';

/** Numbers that depend on the seed and the name only (mulberry32 over a hash of both). */
export function seededRandom(seed: number, name: string): Random {
  const digest = createHash('sha256').update(`${seed}/${name}`).digest();
  let state = digest.readUInt32LE(0);
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const hex = (length: number): string => {
    let digits = '';
    for (let place = 0; place < length; place++) {
      digits += HEX.charAt(((digest[place % digest.length] as number) + Math.floor(next() * 16)) & 15);
    }
    return digits;
  };
  return {
    next,
    between: (from, to) => from + next() * (to - from),
    pick: (items) => items[Math.floor(next() * items.length)] as (typeof items)[number],
    id: (length) => Array.from({ length }, () => Math.floor(next() * 36).toString(36)).join(''),
    hex,
  };
}
