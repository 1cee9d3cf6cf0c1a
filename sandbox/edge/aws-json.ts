import { JsonCodec } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../service.ts';
import type { Reply } from './http.ts';
import { header } from './http.ts';
import { checkJsonTypes } from './json-types.ts';
import type { Protocol } from './protocol.ts';
import type { OperationShape } from './service-shape.ts';

const EPOCH_SECONDS = 7;

const codec = new JsonCodec({ timestampFormat: { useTrait: true, default: EPOCH_SECONDS }, jsonName: false });

/** The two versions differ in the content type only. @param wasQuery its clients still go by the codes of that time */
const awsJsonOf = (version: '1.0' | '1.1', { wasQuery }: { readonly wasQuery: boolean }): Protocol => ({
  operationOf: (request, service) => {
    const [prefix, name] = (header(request, 'x-amz-target') ?? '').split('.');
    return prefix === service.target ? name : undefined;
  },

  read: (request, operation) => {
    const document = parse(request.body);
    checkJsonTypes(operation.input, document);
    return codec.createDeserializer().readObject(operation.input as never, document as never) as Record<
      string,
      unknown
    >;
  },

  write: (output, operation, _service, requestId) => {
    const body = operation.output.isUnitSchema() ? '{}' : writeJson(operation.output, output);
    return reply(200, body, requestId, {}, `application/x-amz-json-${version}`);
  },

  writeError: (error, request, service, requestId) => {
    const schema = service?.errors.get(error.code);
    const headers = wasQuery ? queryError(error, schema) : {};
    return writeError(error, schema, requestId, headers, header(request, 'content-type'));
  },

  errors: {
    notSigned: () => new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', 400),
    unknownOperation: () => new AwsError('UnknownOperationException', '', 400),
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded', 400),
    internal: () =>
      new AwsError(
        'InternalFailure',
        'The request processing has failed because of an unknown error, exception or failure.',
        500,
      ),
    expiredToken: () =>
      new AwsError('ExpiredTokenException', 'The security token included in the request is expired', 400),
  },
});

export const awsJson = awsJsonOf('1.1', { wasQuery: false });
export const awsJson10 = awsJsonOf('1.0', { wasQuery: false });
/** Of a service that spoke the query protocol before (SQS). */
export const awsJsonAfterQuery = awsJsonOf('1.0', { wasQuery: true });

function parse(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    throw new AwsError('SerializationException', '', 400);
  }
}

function writeJson(schema: OperationShape['output'], value: object): string {
  const serializer = codec.createSerializer();
  serializer.write(schema as never, value);
  return serializer.flush() as string;
}

function writeError(
  error: AwsError,
  schema: NormalizedSchema | undefined,
  requestId: string,
  headers: Record<string, string>,
  contentType: string | undefined,
): Reply {
  const messageMember = schema
    ? [...schema.structIterator()].map(([name]) => name).find((name) => name.toLowerCase() === 'message')
    : 'message';
  const members = { ...error.fields, ...(messageMember && error.message ? { [messageMember]: error.message } : {}) };
  const body = schema ? (JSON.parse(writeJson(schema, members)) as object) : members;
  const text = JSON.stringify({ __type: error.code, ...body });
  return reply(error.status, text, requestId, { ...headers, 'x-amzn-errortype': error.code }, contentType);
}

function queryError(error: AwsError, schema: NormalizedSchema | undefined): Record<string, string> {
  const traits = schema?.getMergedTraits() as { awsQueryError?: readonly [code: string, status: number] } | undefined;
  const code = traits?.awsQueryError?.[0] ?? error.code;
  return { 'x-amzn-query-error': `${code};${error.status < 500 ? 'Sender' : 'Receiver'}` };
}

function reply(
  status: number,
  body: string,
  requestId: string,
  headers: Record<string, string>,
  contentType = 'application/x-amz-json-1.1',
): Reply {
  return { status, body, headers: { ...headers, 'content-type': contentType, 'x-amzn-requestid': requestId } };
}
