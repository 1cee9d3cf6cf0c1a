import type { EdgeRequest } from './http.ts';
import { decodeUri } from './http.ts';
import type { OperationShape, ServiceShape } from './service-shape.ts';

/** A REST operation's place: what its requests must have. */
interface Route {
  readonly name: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly labels: readonly string[];
  /** Keys of the query that mark the operation, with the value they must have; undefined: any. */
  readonly marks: readonly (readonly [string, string | undefined])[];
  readonly query: readonly string[];
  readonly headers: readonly string[];
  /** Labels that stand in the host instead of the path. */
  readonly hostLabels: readonly string[];
}

/** A path without what the service puts elsewhere (S3: the bucket), and the labels found there. */
export interface Address {
  readonly path: string;
  readonly hostLabels: Readonly<Record<string, string>>;
}

export interface RouteMatch {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

const routes = new WeakMap<ServiceShape, readonly Route[]>();

/** The operation whose method, path, marks and required parameters fit; the one that asks for most wins. */
export function matchRoute(request: EdgeRequest, address: Address, service: ServiceShape): RouteMatch | undefined {
  let known = routes.get(service);
  if (!known) {
    known = [...service.operations.values()]
      .flatMap((operation) => routeOf(operation))
      .sort((a, b) => demands(b) - demands(a));
    routes.set(service, known);
  }
  for (const route of known) {
    const found = fits(route, request, address);
    if (found) return { name: route.name, labels: found };
  }
  return undefined;
}

function fits(route: Route, request: EdgeRequest, address: Address): Record<string, string> | undefined {
  if (route.method !== request.method) return undefined;
  if (route.hostLabels.join() !== Object.keys(address.hostLabels).join()) return undefined;
  const path = route.pattern.exec(address.path);
  if (!path) return undefined;
  const isMarked = route.marks.every(([key, value]) =>
    value === undefined ? request.query.has(key) : request.query.get(key) === value,
  );
  if (!isMarked || !route.query.every((key) => request.query.has(key))) return undefined;
  if (!route.headers.every((name) => request.headers[name.toLowerCase()] !== undefined)) return undefined;
  const labels = route.labels.map((label, index) => [label, decodeUri(path[index + 1] as string)]);
  return { ...(Object.fromEntries(labels) as Record<string, string>), ...address.hostLabels };
}

function routeOf(operation: OperationShape): Route[] {
  if (!operation.http) return [];
  const [method, uri] = operation.http;
  const [path = '/', query = ''] = uri.split('?');
  const bindings = { query: [] as string[], headers: [] as string[], hostLabels: [] as string[] };
  for (const [name, member] of operation.input.structIterator()) {
    const { httpQuery, httpHeader, httpLabel } = member.getMergedTraits();
    const isRequired = operation.required.includes(name);
    if (httpQuery && isRequired) bindings.query.push(httpQuery as string);
    if (httpHeader && isRequired) bindings.headers.push(httpHeader as string);
    if (httpLabel && !new RegExp(`\\{${name}\\+?\\}`).test(path)) bindings.hostLabels.push(name);
  }
  const marks = [...new URLSearchParams(query)]
    .filter(([key]) => key !== 'x-id')
    .map(([key, value]) => [key, value === '' ? undefined : value] as const);
  const labels = [...path.matchAll(/\{(\w+)\+?\}/g)].map((label) => label[1] as string);
  const pattern = new RegExp(`^${path.replace(/\{\w+\+\}/g, '(.+)').replace(/\{\w+\}/g, '([^/]+)')}$`, 's');
  return [{ name: operation.name, method, pattern, labels, marks, ...bindings }];
}

function demands(route: Route): number {
  return route.marks.length + route.query.length + route.headers.length;
}
