import type { AwsError } from '../service.ts';
import type { EdgeRequest, Reply } from './http.ts';
import type { OperationShape, ServiceShape } from './service-shape.ts';

/** One wire protocol: how a request names its operation, and how input, output and errors are written. */
export interface Protocol {
  /** The name of the operation that the request asks for; undefined when it names none that the service could have. */
  operationOf(request: EdgeRequest, service: ServiceShape): string | undefined;
  /** @throws AwsError in the protocol's words when the body cannot be read. */
  read(
    request: EdgeRequest,
    operation: OperationShape,
    service: ServiceShape,
  ): Record<string, unknown> | Promise<Record<string, unknown>>;
  write(output: Record<string, unknown>, operation: OperationShape, service: ServiceShape, requestId: string): Reply;
  writeError(error: AwsError, request: EdgeRequest, service: ServiceShape | undefined, requestId: string): Reply;
  readonly errors: ProtocolErrors;
}

/** The errors that the protocol's front end answers by itself, before a service sees the request. */
export interface ProtocolErrors {
  notSigned(): AwsError;
  unknownOperation(name: string | undefined): AwsError;
  throttled(): AwsError;
  internal(): AwsError;
  expiredToken(): AwsError;
}
