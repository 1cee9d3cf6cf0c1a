/** One text for one value, however it was made: what hashes are taken of. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** JSON in which the keys of objects stand in order. @param indent spaces a level, for people @default none */
export const canonicalJson = (value: unknown, indent = 0): string =>
  JSON.stringify(value, (_key, each: unknown) => ordered(each), indent);

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** Of its UTF-8, hex. */
export const sha256Hex = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));
