/** What the edge knows of a service's wire format: all of it comes from the SDK client's schemas. */
import { NormalizedSchema } from '@smithy/core/schema';
import type { Protocol } from './protocol.ts';

export interface OperationShape {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  /** Names of the input members a request must have. */
  readonly required: readonly string[];
  /** Method, path pattern with query, status of success; REST protocols only. */
  readonly http: readonly [method: string, path: string, status: number] | undefined;
  /** Whether a checksum header is about the body of the request (S3). */
  readonly hasChecksum: boolean;
}

export interface ServiceShape {
  readonly signingName: string;
  readonly protocol: Protocol;
  /** Every operation the SDK knows, implemented here or not, by name. */
  readonly operations: ReadonlyMap<string, OperationShape>;
  /** Modelled exceptions by name. */
  readonly errors: ReadonlyMap<string, NormalizedSchema>;
  /** Prefix of X-Amz-Target (awsJson). */
  readonly target: string;
  readonly xmlNamespace: string;
}

const OPERATION = 9;
const STRUCTURE = 3;
const ERROR = -3;

type StaticSchema = readonly [
  kind: number,
  namespace: string,
  name: string,
  traits: object | number,
  ...rest: unknown[],
];

/** Reads a service's operations and exceptions from the schemas its SDK client exports (`DescribeWorkspaces$`, …). */
export function serviceShape(
  client: object,
  facts: Pick<ServiceShape, 'signingName' | 'protocol'> & Partial<Pick<ServiceShape, 'target' | 'xmlNamespace'>>,
): ServiceShape {
  const operations = new Map<string, OperationShape>();
  const errors = new Map<string, NormalizedSchema>();
  for (const [name, schema] of Object.entries(client) as [string, StaticSchema][]) {
    if (!name.endsWith('$') || !Array.isArray(schema)) continue;
    if (schema[0] === OPERATION) operations.set(schema[2], operationShape(schema));
    else if (schema[0] === ERROR) errors.set(schema[2], NormalizedSchema.of(schema as never));
  }
  return { target: '', xmlNamespace: '', ...facts, operations, errors };
}

function operationShape([, , name, traits, input, output]: StaticSchema): OperationShape {
  return {
    name,
    input: NormalizedSchema.of(input as never),
    output: NormalizedSchema.of(output as never),
    required: requiredMembers(input),
    http: (traits as { http?: readonly [string, string, number] }).http,
    hasChecksum: typeof traits === 'object' && 'httpChecksum' in traits,
  };
}

/** A structure's schema has its required members first and says how many they are. */
function requiredMembers(schema: unknown): readonly string[] {
  const resolved = typeof schema === 'function' ? (schema as () => unknown)() : schema;
  if (!Array.isArray(resolved) || resolved[0] !== STRUCTURE) return [];
  return (resolved[4] as string[]).slice(0, (resolved[6] as number | undefined) ?? 0);
}
