import type { VirtualClock } from '../clock.ts';
import type { FaultRule, FaultRules } from '../faults.ts';
import type { CallFilter, Recorder } from '../recorder.ts';
import type { EdgeRequest, Reply } from './http.ts';
import { header } from './http.ts';

/** What the sandbox shows and lets be changed over HTTP, for other processes than the one it runs in. */
export interface Control {
  readonly recorder: Recorder;
  readonly faults: FaultRules;
  readonly clock: VirtualClock;
  status(): object;
}

export const CONTROL_PREFIX = '/_holdfast/';

const FAULT_KINDS = ['throttle', 'error', 'resetBefore', 'resetAfter', 'slow', 'stale', 'refuse', 'stuck', 'fail'];
const FILTERS = ['service', 'operation', 'resource', 'account', 'region', 'outcome'] as const;

/**
 * - `GET status`: clock, seed, endpoint. - `GET calls?service=&operation=&resource=…`: counts and the calls themselves.
 * - `POST faults`: adds one rule. - `DELETE faults`: removes all of them.
 * - `POST clock` with `{"skipSeconds": 43200}`: moves the clock on; waits of Temporal that are open do not follow.
 *
 * A request from a web page is refused, by its Origin, or by a Host that only its own name server made loopback: any
 * page that is open can reach a loopback port.
 */
export function answerControl(request: EdgeRequest, control: Control): Reply {
  const isByName = !/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(header(request, 'host') ?? '');
  if (header(request, 'origin') !== undefined || isByName)
    return json(403, { error: 'requests from a web page are refused' });
  const what = `${request.method} ${request.path.slice(CONTROL_PREFIX.length)}`;
  switch (what) {
    case 'GET status':
      return json(200, control.status());
    case 'GET calls':
      return json(200, callsOf(control.recorder, request.query));
    case 'POST faults':
      return addFault(request, control.faults);
    case 'DELETE faults':
      control.faults.clear();
      return json(200, {});
    case 'POST clock':
      return skip(request, control);
    default:
      return json(404, {
        error: `no '${what}': there are GET status, GET calls, POST faults, DELETE faults, POST clock`,
      });
  }
}

function callsOf(recorder: Recorder, query: URLSearchParams): object {
  const filter: CallFilter = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? undefined]));
  return {
    count: recorder.count(filter),
    byOperation: recorder.countsByOperation(filter),
    byResource: recorder.countsByResource(filter),
    calls: recorder.calls(filter),
  };
}

function addFault(request: EdgeRequest, faults: FaultRules): Reply {
  const rule = parseRule(request.body.toString('utf8'));
  if (rule === undefined) {
    return json(400, { error: `a fault rule is a JSON object with a kind, one of ${FAULT_KINDS.join(', ')}` });
  }
  faults.add(rule);
  return json(200, {});
}

function parseRule(text: string): FaultRule | undefined {
  const rule = parseObject(text) as Partial<FaultRule>;
  return rule.kind !== undefined && FAULT_KINDS.includes(rule.kind) ? (rule as FaultRule) : undefined;
}

function skip(request: EdgeRequest, control: Control): Reply {
  const { skipSeconds: seconds } = parseObject(request.body.toString('utf8')) as { skipSeconds?: unknown };
  if (typeof seconds !== 'number' || !(seconds >= 0)) {
    return json(400, { error: 'the clock is moved by {"skipSeconds": n}, n being 0 or more' });
  }
  control.clock.skip(seconds * 1000);
  return json(200, control.status());
}

/** Empty where the text is no JSON object. */
function parseObject(text: string): object {
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    return {};
  }
}

function json(status: number, body: object): Reply {
  return { status, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}
