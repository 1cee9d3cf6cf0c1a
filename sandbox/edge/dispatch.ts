import { randomUUID } from 'node:crypto';
import type { World } from '../service.ts';
import { AwsError } from '../service.ts';
import { accountOf, isExpired } from './access-keys.ts';
import { catalog } from './catalog.ts';
import type { CredentialScope } from './credential-scope.ts';
import { credentialScope } from './credential-scope.ts';
import { fallbackProtocol, unknownServiceError } from './fallback.ts';
import type { EdgeRequest, Reply } from './http.ts';
import type { Protocol } from './protocol.ts';
import type { CUT, Edge, Routed } from './run-operation.ts';
import { runOperation } from './run-operation.ts';
import type { ServiceShape } from './service-shape.ts';

/** Answers one AWS request: who asks, which service and operation; then the operation itself. */
export async function answer(request: EdgeRequest, edge: Edge): Promise<Reply | typeof CUT> {
  const requestId = randomUUID();
  let shape: ServiceShape | undefined;
  let protocol: Protocol = fallbackProtocol(request);
  try {
    const scope = credentialScope(request);
    if (!scope) throw protocol.errors.notSigned();
    shape = catalog.get(scope.service);
    if (!shape) throw unknownServiceError(scope.service, [...catalog.keys()]);
    protocol = shape.protocol;
    return await runOperation(request, route(request, edge, scope, shape, requestId), edge);
  } catch (error) {
    return protocol.writeError(asAwsError(error, protocol), request, shape, requestId);
  }
}

/** What the sandbox does not have is recorded as well: a caller that needs it shows up. */
function route(
  request: EdgeRequest,
  edge: Edge,
  scope: CredentialScope,
  shape: ServiceShape,
  requestId: string,
): Routed {
  const account = accountOf(edge.world, scope.accessKeyId);
  const name = shape.protocol.operationOf(request, shape);
  const operation = name === undefined ? undefined : shape.operations.get(name);
  const service = edge.services.get(scope.service);
  const run = operation && service?.operations[operation.name];
  const refusal = refusalOf(edge.world, scope, shape.protocol, name, run !== undefined);
  if (service && operation && run && !refusal) {
    return { scope, account, requestId, service, shape, operation, run };
  }
  const error = refusal ?? shape.protocol.errors.unknownOperation(name);
  edge.recorder.add({
    at: edge.world.clock.now(),
    service: scope.service,
    operation: name ?? '',
    account,
    region: scope.region,
    outcome: error.code,
    resources: [],
  });
  throw error;
}

function refusalOf(
  world: World,
  scope: CredentialScope,
  { errors }: Protocol,
  name: string | undefined,
  isKnown: boolean,
): AwsError | undefined {
  if (isExpired(world, scope.accessKeyId)) return errors.expiredToken();
  return isKnown ? undefined : errors.unknownOperation(name);
}

/** A defect of the sandbox must not look like an answer of AWS's: it is printed, and its reply says so. */
function asAwsError(error: unknown, protocol: Protocol): AwsError {
  if (error instanceof AwsError) return error;
  console.error('sandbox: a service failed', error);
  const internal = protocol.errors.internal();
  return new AwsError(internal.code, `the sandbox failed, not AWS: ${String(error)}`, 500);
}
