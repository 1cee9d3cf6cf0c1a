import { openToken, sealToken } from '../../pagination.ts';
import type { Call } from '../../service.ts';
import { invalidValue } from './errors.ts';

export interface PageInput {
  readonly NextToken?: string;
  readonly MaxResults?: number;
}

const MOST = 1000;

/**
 * A page of rows that are only ever added to, the newest first. It reads no further than it must: a token holds the
 * place in the list, so that all pages together read each row once.
 */
export function newestFirst<Row>(
  call: Call,
  operation: string,
  input: PageInput,
  rows: readonly Row[],
  fits: (row: Row) => boolean,
): { rows: Row[]; NextToken: string | undefined } {
  const { NextToken: token, ...parameters } = input;
  const binding = { operation, parameters };
  const size = input.MaxResults ?? MOST;
  const found: Row[] = [];
  for (let at = token === undefined ? rows.length - 1 : placeIn(token, binding, call); at >= 0; at--) {
    const row = rows[at] as Row;
    if (!fits(row)) continue;
    if (found.length === size) return { rows: found, NextToken: sealToken(String(at), binding, call) };
    found.push(row);
  }
  return { rows: found, NextToken: undefined };
}

function placeIn(token: string, binding: { operation: string; parameters: object }, call: Call): number {
  const place = openToken(token, binding, call);
  if (place === undefined) throw invalidValue('Provided NextToken is invalid');
  return Number(place);
}
