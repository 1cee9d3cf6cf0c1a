import type { Random } from '../random.ts';

/** A UUID (version 4 in form) that depends on the stream only. */
export function uuidFrom(random: Random): string {
  const hex = random.hex(32);
  const part = (from: number, to: number): string => hex.slice(from, to);
  return `${part(0, 8)}-${part(8, 12)}-4${part(13, 16)}-a${part(17, 20)}-${part(20, 32)}`;
}
