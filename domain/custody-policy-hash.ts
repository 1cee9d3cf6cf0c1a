/** What of a policy decides which recovery points it covers, as a hash: a point that no rule was for is looked at again when it changes. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { CustodyPolicy } from './custody.ts';

/** SHA-256, hex, of the policy's name, sources and rules. Where evidence goes, limits and who is told are not in it. */
export const policySha256 = ({ name, sources, rules }: CustodyPolicy): string =>
  bytesToHex(sha256(utf8ToBytes(JSON.stringify({ name, sources, rules }, (_key, each: unknown) => ordered(each)))));

/** Keys of objects stand in order, however they were given; lists keep theirs, as the first rule that matches holds. */
function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
