import { AwsError } from '../service.ts';
import type { EdgeRequest } from './http.ts';
import { header } from './http.ts';

/**
 * Unwraps a body that was sent in chunks within the body (`Content-Encoding: aws-chunked`), as SDKs do when the
 * checksum comes behind the bytes. The trailing headers become headers of the request.
 */
export function unwrapChunks(request: EdgeRequest): EdgeRequest {
  const encodings = (header(request, 'content-encoding') ?? '').split(',').map((encoding) => encoding.trim());
  const isStreaming = header(request, 'x-amz-content-sha256')?.startsWith('STREAMING-') ?? false;
  if (!encodings.includes('aws-chunked') && !isStreaming) return request;
  const { body, trailers } = readChunks(request.body);
  const expected = header(request, 'x-amz-decoded-content-length');
  if (expected !== undefined && Number(expected) !== body.length) throw incomplete();
  const { 'content-encoding': _wrapped, ...headers } = request.headers;
  const others = encodings.filter((encoding) => encoding !== 'aws-chunked' && encoding !== '');
  return {
    ...request,
    body,
    headers: { ...headers, ...trailers, ...(others.length > 0 && { 'content-encoding': others.join(',') }) },
  };
}

/** Chunks are `<hex length>[;chunk-signature=…]\r\n<bytes>\r\n`, then one of length 0, then trailing header lines. */
function readChunks(wrapped: Buffer): { body: Buffer; trailers: Record<string, string> } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const endOfLine = wrapped.indexOf('\r\n', at);
    const length = parseInt(wrapped.toString('latin1', at, endOfLine), 16);
    if (endOfLine < 0 || Number.isNaN(length)) throw incomplete();
    const start = endOfLine + 2;
    if (length === 0) return { body: Buffer.concat(chunks), trailers: readTrailers(wrapped.toString('latin1', start)) };
    if (start + length > wrapped.length) throw incomplete();
    chunks.push(wrapped.subarray(start, start + length));
    at = start + length + 2;
  }
}

function readTrailers(text: string): Record<string, string> {
  const lines = text.split('\r\n').filter((line) => line.includes(':'));
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

function incomplete(): AwsError {
  return new AwsError(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header.',
    400,
  );
}
