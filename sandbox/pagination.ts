import { createHash, createHmac } from 'node:crypto';
import type { AwsError, Call } from './service.ts';

export interface PageRequest<Item> {
  readonly operation: string;
  /** All of them, in an order that stays; a page is a stretch of it. */
  readonly items: readonly Item[];
  readonly idOf: (item: Item) => string;
  readonly pageSize: number;
  readonly token: string | undefined;
  /** The input without its token: a token is good only for the parameters it was given for. */
  readonly parameters: object;
  /** The service's own error for a token that is expired, was given for another request, or was never given. */
  readonly invalidToken: () => AwsError;
  /** Virtual milliseconds. @default 24 hours */
  readonly lifetimeMs?: number;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Absent on the last page. */
  readonly nextToken?: string;
}

/** What a token is good for. */
type TokenBinding = Pick<PageRequest<unknown>, 'operation' | 'parameters'>;

interface Position {
  /** The last item of the page before. */
  readonly after: string;
  readonly index: number;
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * One page and the token of the next. Tokens are opaque and need no memory: signed for operation, account, Region and
 * parameters, so that they outlive a restart of the sandbox and cannot be used elsewhere.
 */
export function paginate<Item>(request: PageRequest<Item>, call: Call): Page<Item> {
  const start = request.token === undefined ? 0 : startOf(request, request.token, call);
  const items = request.items.slice(start, start + request.pageSize);
  const end = start + items.length;
  if (end >= request.items.length) return { items };
  const after = request.idOf(items[items.length - 1] as Item);
  return { items, nextToken: sealToken(JSON.stringify({ after, index: end }), request, call, request.lifetimeMs) };
}

/** Items may have come or gone since: the page goes on behind the last item given, or at its old place if that is gone. */
function startOf<Item>(request: PageRequest<Item>, token: string, call: Call): number {
  const position = openToken(token, request, call);
  if (position === undefined) throw request.invalidToken();
  const { after, index } = JSON.parse(position) as Position;
  const found = request.items.findIndex((item) => request.idOf(item) === after);
  return found < 0 ? index : found + 1;
}

/** An opaque token that holds a position in a list. @param lifetimeMs virtual */
export function sealToken(position: string, request: TokenBinding, call: Call, lifetimeMs = DAY_MS): string {
  const text = Buffer.from(JSON.stringify([position, call.now + lifetimeMs])).toString('base64url');
  return Buffer.from(`${text}.${signature(text, request, call)}`).toString('base64');
}

/** The position in a token; undefined when it is expired, was given for another request, or was never given. */
export function openToken(token: string, request: TokenBinding, call: Call): string | undefined {
  const [text = '', signed = ''] = Buffer.from(token, 'base64').toString('utf8').split('.');
  if (signed === '' || signed !== signature(text, request, call)) return undefined;
  const [position, expires] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as [string, number];
  return expires > call.now ? position : undefined;
}

function signature(text: string, request: TokenBinding, call: Call): string {
  const parameters = createHash('sha256').update(canonical(request.parameters)).digest('hex');
  return createHmac('sha256', call.world.random('pagination').id(32))
    .update(JSON.stringify([request.operation, call.account, call.region, parameters, text]))
    .digest('base64url');
}

/** JSON with sorted keys, without members that are undefined. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item) && !(item instanceof Date)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
