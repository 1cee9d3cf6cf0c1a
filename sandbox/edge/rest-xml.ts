import { XmlShapeDeserializer } from '@aws-sdk/core/protocols';
import { FromStringShapeDeserializer } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { Readable } from 'node:stream';
import { AwsError } from '../service.ts';
import type { EdgeRequest, Reply } from './http.ts';
import { header } from './http.ts';
import type { Protocol } from './protocol.ts';
import type { Address } from './rest-routes.ts';
import { matchRoute } from './rest-routes.ts';
import type { OperationShape, ServiceShape } from './service-shape.ts';
import { escapeXml, membersXml, textOf } from './xml.ts';

const DATE_TIME = 5;
const settings = { timestampFormat: { useTrait: true, default: DATE_TIME }, httpBindings: true } as const;
const fromText = new FromStringShapeDeserializer(settings);
const fromXml = new XmlShapeDeserializer({ ...settings, xmlNamespace: '', serviceNamespace: '' } as never);

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const PARTIAL_CONTENT = 206;

/** REST with XML bodies: members in path, query, headers and body as the schema binds them. */
export function restXml(addressOf: (request: EdgeRequest) => Address): Pick<Protocol, 'operationOf' | 'write'> & {
  read(request: EdgeRequest, operation: OperationShape, service: ServiceShape): Record<string, unknown>;
} {
  return {
    operationOf: (request, service) => matchRoute(request, addressOf(request), service)?.name,

    read: (request, operation, service) => {
      const labels = matchRoute(request, addressOf(request), service)?.labels ?? {};
      const input: Record<string, unknown> = {};
      for (const [name, member] of operation.input.structIterator()) {
        const value = readMember(name, member, request, labels);
        if (value !== undefined) input[name] = value;
      }
      return input;
    },

    write: (output, operation, service, requestId) => {
      const { headers, payload } = bindOutput(operation.output, output);
      const body = payload ?? bodyXml(operation.output, output, service);
      return {
        status: headers['content-range'] === undefined ? (operation.http?.[2] ?? 200) : PARTIAL_CONTENT,
        headers: {
          ...(typeof body === 'string' && body !== '' && { 'content-type': 'application/xml' }),
          ...headers,
          'x-amz-request-id': requestId,
        },
        body,
      };
    },
  };
}

function readMember(
  name: string,
  member: NormalizedSchema,
  request: EdgeRequest,
  labels: Readonly<Record<string, string>>,
): unknown {
  const { httpLabel, httpQuery, httpHeader, httpPrefixHeaders, httpPayload } = member.getMergedTraits();
  if (httpLabel) return labels[name];
  if (httpPrefixHeaders) return readPrefixHeaders(request, httpPrefixHeaders as string);
  if (httpPayload) return readPayload(member, request.body);
  const text = httpQuery
    ? request.query.get(httpQuery as string)
    : httpHeader && header(request, (httpHeader as string).toLowerCase());
  return text == null || text === '' ? undefined : readText(name, member, text);
}

function readText(name: string, member: NormalizedSchema, text: string): unknown {
  try {
    const value = fromText.read(member, text) as unknown;
    if (typeof value !== 'number' || !Number.isNaN(value)) return value;
  } catch {
    // Reported below as any other value that is not what the member holds.
  }
  throw new AwsError('InvalidArgument', `Provided ${name} not of the right type`, 400, {
    ArgumentName: name,
    ArgumentValue: text,
  });
}

function readPrefixHeaders(request: EdgeRequest, prefix: string): Record<string, string> {
  const names = Object.keys(request.headers).filter((name) => name.startsWith(prefix));
  return Object.fromEntries(names.map((name) => [name.slice(prefix.length), header(request, name) ?? '']));
}

function readPayload(member: NormalizedSchema, body: Buffer): unknown {
  if (!member.isStructSchema()) return body;
  if (body.length === 0) return undefined;
  try {
    return fromXml.read(member, body) as unknown;
  } catch {
    throw new AwsError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
      400,
    );
  }
}

function bindOutput(
  schema: NormalizedSchema,
  output: Readonly<Record<string, unknown>>,
): { headers: Record<string, string>; payload: Reply['body'] | undefined } {
  const headers: Record<string, string> = {};
  let payload: Reply['body'] | undefined;
  for (const [name, member] of schema.structIterator()) {
    const value = output[name];
    const { httpHeader, httpPrefixHeaders, httpPayload } = member.getMergedTraits();
    if (value == null) continue;
    if (httpPayload) payload = value instanceof Readable ? value : (value as Uint8Array);
    else if (httpHeader) headers[(httpHeader as string).toLowerCase()] = textOf(member, value);
    else if (httpPrefixHeaders) {
      for (const [key, text] of Object.entries(value as Record<string, string>))
        headers[`${httpPrefixHeaders as string}${key}`] = text;
    }
  }
  return { headers, payload };
}

function bodyXml(schema: NormalizedSchema, output: Readonly<Record<string, unknown>>, service: ServiceShape): string {
  if (schema.isUnitSchema()) return '';
  const inBody = [...schema.structIterator()].filter(([, member]) => !isBoundToHeaders(member));
  if (inBody.length === 0) return '';
  const root = (schema.getOwnTraits().xmlName as string | undefined) ?? schema.getName() ?? '';
  const [only] = inBody;
  // S3's GetBucketLocation: the document's element is the member itself, not its parent.
  const isUnwrapped = inBody.length === 1 && only?.[0] === root;
  const content = isUnwrapped ? escapeXml((output[root] as string | undefined) ?? '') : membersXml(schema, output);
  return `${DECLARATION}<${root} xmlns="${service.xmlNamespace}">${content}</${root}>`;
}

function isBoundToHeaders(member: NormalizedSchema): boolean {
  const { httpHeader, httpPrefixHeaders, httpPayload } = member.getMergedTraits();
  return Boolean(httpHeader || httpPrefixHeaders || httpPayload);
}
