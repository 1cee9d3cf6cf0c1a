/** Reads the form of a request in the query protocols by the input's schema. */
import { FromStringShapeDeserializer } from '@smithy/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../service.ts';
import type { EdgeRequest } from './http.ts';

const DATE_TIME = 5;

const fromText = new FromStringShapeDeserializer({
  timestampFormat: { useTrait: true, default: DATE_TIME },
  httpBindings: false,
});

/** How a dialect names the parts of a form. */
export interface Dialect {
  memberKey(name: string, member: NormalizedSchema): string;
  /** What the number of an item follows. */
  listPrefix(key: string, itemTag: string, isFlat: boolean): string;
}

/** As IAM, RDS, SNS, STS and CloudFormation read it. */
export const QUERY: Dialect = {
  memberKey: (name, member) => (member.getMergedTraits().xmlName as string | undefined) ?? name,
  listPrefix: (key, itemTag, isFlat) => (isFlat ? key : `${key}.${itemTag}`),
};

/** EC2's own: keys begin with a capital, and lists are always flat. */
export const EC2_QUERY: Dialect = {
  memberKey: (name, member) => {
    const { ec2QueryName, xmlName = name } = member.getMergedTraits() as { ec2QueryName?: string; xmlName?: string };
    return ec2QueryName ?? `${xmlName.charAt(0).toUpperCase()}${xmlName.slice(1)}`;
  },
  listPrefix: (key) => key,
};

/** GET requests have their parameters in the URL, POST requests in the body. */
export function formOf(request: EdgeRequest): URLSearchParams {
  return request.method === 'GET' ? request.query : new URLSearchParams(request.body.toString('utf8'));
}

export function readForm(schema: NormalizedSchema, request: EdgeRequest, dialect: Dialect): Record<string, unknown> {
  return new FormReader(formOf(request), dialect).member(schema, '') as Record<string, unknown>;
}

class FormReader {
  readonly #values: URLSearchParams;
  /** Which prefixes occur in the keys: `Tags.member.1` in `Tags.member.1.Key`. */
  readonly #prefixes = new Set<string>();
  readonly #dialect: Dialect;

  constructor(values: URLSearchParams, dialect: Dialect) {
    this.#values = values;
    this.#dialect = dialect;
    for (const key of values.keys()) {
      for (let dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', dot + 1)) this.#prefixes.add(key.slice(0, dot));
      this.#prefixes.add(key);
    }
  }

  member(schema: NormalizedSchema, key: string): unknown {
    if (schema.isUnitSchema()) return {};
    if (schema.isStructSchema()) return this.#structure(schema, key === '' ? '' : `${key}.`);
    if (schema.isListSchema()) return this.#list(schema, key);
    if (schema.isMapSchema()) return this.#map(schema, key);
    const value = fromText.read(schema, this.#get(key));
    if (typeof value === 'number' && Number.isNaN(value)) {
      throw new AwsError('MalformedInput', `'${this.#get(key)}' at '${key}' is not a number`, 400);
    }
    return value;
  }

  #get(key: string): string {
    return this.#values.get(key) ?? '';
  }

  #structure(schema: NormalizedSchema, prefix: string): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    for (const [name, member] of schema.structIterator()) {
      const key = prefix + this.#dialect.memberKey(name, member);
      if (this.#prefixes.has(key)) value[name] = this.member(member, key);
    }
    return value;
  }

  #list(schema: NormalizedSchema, key: string): unknown[] {
    const item = schema.getValueSchema();
    const tag = (item.getMergedTraits().xmlName as string | undefined) ?? 'member';
    const prefix = this.#dialect.listPrefix(key, tag, Boolean(schema.getMergedTraits().xmlFlattened));
    const items: unknown[] = [];
    for (let number = 1; this.#prefixes.has(`${prefix}.${number}`); number++)
      items.push(this.member(item, `${prefix}.${number}`));
    return items;
  }

  #map(schema: NormalizedSchema, key: string): Record<string, unknown> {
    const prefix = schema.getMergedTraits().xmlFlattened ? key : `${key}.entry`;
    const keyTag = (schema.getKeySchema().getMergedTraits().xmlName as string | undefined) ?? 'key';
    const valueTag = (schema.getValueSchema().getMergedTraits().xmlName as string | undefined) ?? 'value';
    const map: Record<string, unknown> = {};
    for (let number = 1; this.#prefixes.has(`${prefix}.${number}`); number++) {
      const entry = `${prefix}.${number}`;
      map[this.#get(`${entry}.${keyTag}`)] = this.member(schema.getValueSchema(), `${entry}.${valueTag}`);
    }
    return map;
  }
}
