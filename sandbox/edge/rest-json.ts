import { JsonCodec } from '@aws-sdk/core/protocols';
import { FromStringShapeDeserializer } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../service.ts';
import type { EdgeRequest, Reply } from './http.ts';
import { checkJsonTypes } from './json-types.ts';
import type { Protocol } from './protocol.ts';
import type { Address } from './rest-routes.ts';
import { matchRoute } from './rest-routes.ts';
import type { OperationShape, ServiceShape } from './service-shape.ts';

const DATE_TIME = 5;
const EPOCH_SECONDS = 7;

const codec = new JsonCodec({ timestampFormat: { useTrait: true, default: EPOCH_SECONDS }, jsonName: true });
const fromText = new FromStringShapeDeserializer({
  timestampFormat: { useTrait: true, default: DATE_TIME },
  httpBindings: true,
});

/** REST with JSON bodies: members in path, query and body as the schema binds them (AWS Backup). */
export const restJson: Protocol = {
  operationOf: (request, service) => matchRoute(request, addressOf(request), service)?.name,

  read: (request, operation, service) => {
    const labels = matchRoute(request, addressOf(request), service)?.labels ?? {};
    const input = readBody(request.body, operation);
    for (const [name, member] of operation.input.structIterator()) {
      const value = readBound(name, member, request, labels);
      if (value !== undefined) input[name] = value;
    }
    return input;
  },

  write: (output, operation, _service, requestId) => {
    const body = operation.output.isUnitSchema() ? '' : writeJson(operation.output, output);
    return reply(operation.http?.[2] ?? 200, body, requestId);
  },

  writeError: (error, _request, service, requestId) => {
    const headers = { 'x-amzn-errortype': error.code };
    return reply(error.status, errorBody(error, service), requestId, headers);
  },

  errors: {
    notSigned: () => new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403),
    unknownOperation: () => new AwsError('UnknownOperationException', '', 404),
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded', 429),
    internal: () => new AwsError('InternalFailure', 'The request processing has failed.', 500),
    expiredToken: () =>
      new AwsError('ExpiredTokenException', 'The security token included in the request is expired', 403),
  },
};

/** Older SDKs end the path of a list with a slash. */
const addressOf = ({ path }: EdgeRequest): Address => ({ path: path.replace(/(?<=.)\/$/, ''), hostLabels: {} });

function readBody(body: Buffer, operation: OperationShape): Record<string, unknown> {
  if (body.length === 0) return {};
  const document = parse(body);
  checkJsonTypes(operation.input, document);
  return codec.createDeserializer().readObject(operation.input as never, document as never) as Record<string, unknown>;
}

function parse(body: Buffer): object {
  try {
    const document = JSON.parse(body.toString('utf8')) as unknown;
    if (typeof document === 'object' && document !== null) return document;
  } catch {
    // Answered below as any other body that is no JSON object.
  }
  throw new AwsError('SerializationException', '', 400);
}

function readBound(
  name: string,
  member: NormalizedSchema,
  request: EdgeRequest,
  labels: Readonly<Record<string, string>>,
): unknown {
  const { httpLabel, httpQuery } = member.getMergedTraits();
  if (httpLabel) return labels[name];
  const text = httpQuery === undefined ? null : request.query.get(httpQuery as string);
  if (text === null || text === '') return undefined;
  try {
    const value = fromText.read(member, text) as unknown;
    if (typeof value !== 'number' || !Number.isNaN(value)) return value;
  } catch {
    // Reported below as any other value that is not what the member holds.
  }
  throw new AwsError('SerializationException', `${name} is not of the right type`, 400);
}

function errorBody(error: AwsError, service: ServiceShape | undefined): string {
  const schema = service?.errors.get(error.code);
  if (!schema) return JSON.stringify({ message: error.message, ...error.fields });
  return writeJson(schema, { Message: error.message, message: error.message, ...error.fields });
}

function writeJson(schema: NormalizedSchema, value: object): string {
  const serializer = codec.createSerializer();
  serializer.write(schema as never, value);
  return serializer.flush() as string;
}

function reply(status: number, body: string, requestId: string, headers: Record<string, string> = {}): Reply {
  return { status, body, headers: { ...headers, 'content-type': 'application/json', 'x-amzn-requestid': requestId } };
}
