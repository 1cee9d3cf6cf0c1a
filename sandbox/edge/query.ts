import { FromStringShapeDeserializer } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../service.ts';
import type { EdgeRequest, Reply } from './http.ts';
import type { Protocol } from './protocol.ts';
import { membersXml, textElement } from './xml.ts';

const DATE_TIME = 5;

const fromText = new FromStringShapeDeserializer({
  timestampFormat: { useTrait: true, default: DATE_TIME },
  httpBindings: false,
});

/** The query protocol: a form in, XML out (STS, SNS, CloudFormation, and later RDS, IAM). */
export const query: Protocol = {
  operationOf: (request) => formOf(request).get('Action') ?? undefined,

  read: (request, operation) => {
    const form = new Form(formOf(request));
    return readMember(operation.input, form, '') as Record<string, unknown>;
  },

  write: (output, operation, service, requestId) => {
    const { name } = operation;
    const result = operation.output.isUnitSchema()
      ? ''
      : `<${name}Result>${membersXml(operation.output, output)}</${name}Result>`;
    const metadata = `<ResponseMetadata>${textElement('RequestId', requestId)}</ResponseMetadata>`;
    const body = `<${name}Response xmlns="${service.xmlNamespace}">${result}${metadata}</${name}Response>`;
    return reply(200, body, requestId);
  },

  writeError: (error, _request, service, requestId) => {
    const type = textElement('Type', error.status < 500 ? 'Sender' : 'Receiver');
    const fields = Object.entries(error.fields).map(([name, value]) => textElement(name, String(value)));
    const content = [type, textElement('Code', error.code), textElement('Message', error.message), ...fields].join('');
    const namespace = service ? ` xmlns="${service.xmlNamespace}"` : '';
    const body = `<ErrorResponse${namespace}><Error>${content}</Error>${textElement('RequestId', requestId)}</ErrorResponse>`;
    return reply(error.status, body, requestId);
  },

  errors: {
    notSigned: () => new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403),
    unknownOperation: (name) =>
      name === undefined
        ? new AwsError('MissingAction', 'Missing Action', 400)
        : new AwsError('InvalidAction', `Could not find operation ${name}`, 400),
    throttled: () => new AwsError('Throttling', 'Rate exceeded', 400),
    internal: () => new AwsError('InternalFailure', 'Internal failure', 500),
    expiredToken: () => new AwsError('ExpiredToken', 'The security token included in the request is expired', 403),
  },
};

/** GET requests have their parameters in the URL, POST requests in the body. */
function formOf(request: EdgeRequest): URLSearchParams {
  return request.method === 'GET' ? request.query : new URLSearchParams(request.body.toString('utf8'));
}

/** The parameters, and which prefixes occur in them (`Tags.member.1` in `Tags.member.1.Key`). */
class Form {
  readonly #values: URLSearchParams;
  readonly #prefixes = new Set<string>();

  constructor(values: URLSearchParams) {
    this.#values = values;
    for (const key of values.keys()) {
      for (let dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) this.#prefixes.add(key.slice(0, dot));
      this.#prefixes.add(key);
    }
  }

  has(prefix: string): boolean {
    return this.#prefixes.has(prefix);
  }

  get(key: string): string {
    return this.#values.get(key) ?? '';
  }
}

function readMember(schema: NormalizedSchema, form: Form, key: string): unknown {
  if (schema.isUnitSchema()) return {};
  if (schema.isStructSchema()) return readStructure(schema, form, key === '' ? '' : `${key}.`);
  if (schema.isListSchema()) return readList(schema, form, key);
  if (schema.isMapSchema()) return readMap(schema, form, key);
  const value = fromText.read(schema, form.get(key));
  if (typeof value === 'number' && Number.isNaN(value)) {
    throw new AwsError('MalformedInput', `'${form.get(key)}' at '${key}' is not a number`, 400);
  }
  return value;
}

function readStructure(schema: NormalizedSchema, form: Form, prefix: string): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const key = prefix + ((member.getMergedTraits().xmlName as string | undefined) ?? name);
    if (form.has(key)) value[name] = readMember(member, form, key);
  }
  return value;
}

function readList(schema: NormalizedSchema, form: Form, key: string): unknown[] {
  const item = schema.getValueSchema();
  const tag = (item.getMergedTraits().xmlName as string | undefined) ?? 'member';
  const prefix = schema.getMergedTraits().xmlFlattened ? key : `${key}.${tag}`;
  const items: unknown[] = [];
  for (let number = 1; form.has(`${prefix}.${number}`); number++)
    items.push(readMember(item, form, `${prefix}.${number}`));
  return items;
}

function readMap(schema: NormalizedSchema, form: Form, key: string): Record<string, unknown> {
  const prefix = schema.getMergedTraits().xmlFlattened ? key : `${key}.entry`;
  const keyTag = (schema.getKeySchema().getMergedTraits().xmlName as string | undefined) ?? 'key';
  const valueTag = (schema.getValueSchema().getMergedTraits().xmlName as string | undefined) ?? 'value';
  const map: Record<string, unknown> = {};
  for (let number = 1; form.has(`${prefix}.${number}`); number++) {
    map[form.get(`${prefix}.${number}.${keyTag}`)] = readMember(
      schema.getValueSchema(),
      form,
      `${prefix}.${number}.${valueTag}`,
    );
  }
  return map;
}

function reply(status: number, body: string, requestId: string): Reply {
  return { status, body, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId } };
}
