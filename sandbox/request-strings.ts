/** Every string that stands anywhere in a request's input. */
export function stringsIn(input: unknown, found: string[] = []): string[] {
  if (typeof input === 'string') found.push(input);
  else if (Array.isArray(input)) for (const item of input) stringsIn(item, found);
  else if (isPlainObject(input)) for (const item of Object.values(input)) stringsIn(item, found);
  return found;
}

const ID = /^(?:[a-z]{1,12}-[0-9a-z]{8,}|arn:.+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** The ids and ARNs in a request's input; for S3 the bucket and `bucket/key`. */
export function resourcesIn(service: string, input: unknown): string[] {
  if (service === 's3') {
    const { Bucket, Key } = input as { Bucket?: string; Key?: string };
    return [Bucket, Bucket && Key && `${Bucket}/${Key}`].filter((name) => typeof name === 'string');
  }
  return [...new Set(stringsIn(input).filter((text) => ID.test(text)))];
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
