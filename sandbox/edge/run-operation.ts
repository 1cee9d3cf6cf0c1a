import { setTimeout as delay } from 'node:timers/promises';
import type { FaultRule } from '../faults.ts';
import type { Recorder } from '../recorder.ts';
import { resourcesIn } from '../request-strings.ts';
import type { Call, Operation, Service, World } from '../service.ts';
import { AwsError } from '../service.ts';
import { checkConstraints } from './constraints.ts';
import type { CredentialScope } from './credential-scope.ts';
import type { EdgeRequest, Reply } from './http.ts';
import type { Protocol } from './protocol.ts';
import type { OperationShape, ServiceShape } from './service-shape.ts';
import type { Throttle } from './throttle.ts';

export interface Edge {
  readonly world: World;
  readonly services: ReadonlyMap<string, Service>;
  readonly recorder: Recorder;
  readonly throttle: Throttle;
  /** Aborted when the sandbox closes: late replies are late no longer. */
  readonly closing: AbortSignal;
}

/** A request that found its service and operation. */
export interface Routed {
  readonly scope: CredentialScope;
  readonly account: string;
  readonly requestId: string;
  readonly service: Service;
  readonly shape: ServiceShape;
  readonly operation: OperationShape;
  readonly run: Operation;
}

/** The connection is to be cut instead of a reply. */
export const CUT = Symbol('cut the connection');

interface Where {
  readonly service: string;
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** Reads the input and runs one operation, with the rate, the faults and the constraints around it; records the end. */
export async function runOperation(request: EdgeRequest, routed: Routed, edge: Edge): Promise<Reply | typeof CUT> {
  const { protocol } = routed.shape;
  const where = { service: routed.service.signingName, operation: routed.operation.name, input: {} };
  const record = (outcome: string): void => recordCall(outcome, where, routed, edge);
  try {
    where.input = await protocol.read(request, routed.operation, routed.shape);
    const { reply, outcome } = await attempt(where, routed, edge);
    record(outcome);
    return reply;
  } catch (error) {
    const code = error instanceof AwsError ? error.code : protocol.errors.internal().code;
    record(code === protocol.errors.throttled().code ? 'throttle' : code);
    throw error;
  }
}

async function attempt(
  where: Where,
  routed: Routed,
  edge: Edge,
): Promise<{ reply: Reply | typeof CUT; outcome: string }> {
  const { scope, account, requestId, service, shape, operation } = routed;
  const { faults, clock } = edge.world;
  if (!edge.throttle.admit(service, account, scope.region)) throw shape.protocol.errors.throttled();
  const before = faults.take(['throttle', 'error', 'resetBefore'], where);
  if (before?.kind === 'resetBefore') return { reply: CUT, outcome: 'resetBefore' };
  if (before) throw faultError(before, shape.protocol);
  checkConstraints(service.signingName, operation.name, where.input);
  const output = (await routed.run(where.input, callOf(where, routed, edge))) as Record<string, unknown>;
  if (faults.take(['resetAfter'], where)) return { reply: CUT, outcome: 'resetAfter' };
  const slow = faults.take(['slow'], where);
  if (slow) await waitFor(((slow.seconds ?? 1) * 1000) / clock.speed, edge.closing);
  return { reply: shape.protocol.write(output, operation, shape, requestId), outcome: 'ok' };
}

async function waitFor(milliseconds: number, closing: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal: closing }).catch(() => undefined);
}

function callOf(where: Where, { scope, account, requestId }: Routed, { world }: Edge): Call {
  const now = world.clock.now();
  const isRead = /^(Describe|List|Get|Head)/.test(where.operation);
  const stale = isRead ? world.faults.take(['stale'], where) : undefined;
  return {
    world,
    account,
    region: scope.region,
    accessKeyId: scope.accessKeyId,
    requestId,
    now,
    asOf: now - (stale?.seconds ?? 0) * 1000,
  };
}

function recordCall(outcome: string, where: Where, { account, scope }: Routed, edge: Edge): void {
  edge.recorder.add({
    at: edge.world.clock.now(),
    service: where.service,
    operation: where.operation,
    account,
    region: scope.region,
    outcome,
    resources: resourcesIn(where.service, where.input),
  });
}

function faultError(rule: FaultRule, protocol: Protocol): AwsError {
  const usual = rule.kind === 'throttle' ? protocol.errors.throttled() : protocol.errors.internal();
  return new AwsError(rule.code ?? usual.code, rule.message ?? usual.message, rule.status ?? usual.status);
}
