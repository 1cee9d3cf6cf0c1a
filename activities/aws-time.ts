/** AWS's own time of a reply. Instants of AWS are compared with this one, never with this machine's clock. */

/** What every reply of the SDK has. */
export interface MetadataBearer {
  readonly $metadata: object;
}

interface Stack {
  add(middleware: unknown, options: { step: 'deserialize'; priority: 'high'; name: string }): void;
}
type Next = (args: unknown) => Promise<{ output: MetadataBearer; response: unknown }>;

/** Makes a client put the reply's `Date` header into `$metadata`, where `awsTime` reads it. */
export function keepAwsTime(client: { readonly middlewareStack: unknown }): void {
  const middleware = (next: Next) => async (args: unknown) => {
    try {
      const result = await next(args);
      note(result.output, result.response);
      return result;
    } catch (error) {
      // That something is not there is an answer with a time, too.
      const refusal = error as Partial<MetadataBearer> & { readonly $response?: unknown };
      if (refusal.$metadata) note({ $metadata: refusal.$metadata }, refusal.$response);
      throw error;
    }
  };
  (client.middlewareStack as Stack).add(middleware, { step: 'deserialize', priority: 'high', name: 'keepAwsTime' });
}

function note({ $metadata }: MetadataBearer, response: unknown): void {
  const { headers } = (response ?? {}) as { readonly headers?: Readonly<Record<string, string>> };
  const date = Date.parse(headers?.['date'] ?? '');
  // An endpoint that sends no Date (RFC 9110 wants one) leaves nothing better than this machine's clock.
  Object.assign($metadata, { awsTime: new Date(Number.isNaN(date) ? Date.now() : date).toISOString() });
}

/** ISO, whole seconds. */
export const awsTime = (output: MetadataBearer): string =>
  (output.$metadata as { awsTime?: string }).awsTime ?? new Date().toISOString();
