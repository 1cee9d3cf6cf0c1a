import type { Random } from '../random.ts';

/** A UUID (version 4 in form) that depends on the stream only. */
export function uuidFrom(random: Random): string {
  return random.hex(32).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
}
