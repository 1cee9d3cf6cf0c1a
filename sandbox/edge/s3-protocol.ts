import { AwsError } from '../service.ts';
import type { EdgeRequest } from './http.ts';
import { decodeUri, header } from './http.ts';
import { unwrapChunks } from './aws-chunked.ts';
import type { Protocol } from './protocol.ts';
import type { Address } from './rest-routes.ts';
import { restXml } from './rest-xml.ts';
import { verifyBody } from './s3-integrity.ts';
import { textElement } from './xml.ts';

const rest = restXml(addressOf);

/** S3: REST with XML, the bucket in the host or in front of the path, bodies in chunks, and checksums over them. */
export const s3Protocol: Protocol = {
  ...rest,

  read: async (request, operation, service) => {
    const unwrapped = unwrapChunks(request);
    if (operation.hasChecksum) await verifyBody(unwrapped);
    return rest.read(unwrapped, operation, service);
  },

  writeError: (error, _request, _service, requestId) => {
    const isHeader = ([name]: [string, unknown]): boolean => name.startsWith('x-amz-');
    const fields = Object.entries(error.fields);
    const elements = fields
      .filter((field) => !isHeader(field))
      .map(([name, value]) => textElement(name, String(value)));
    const content = [textElement('Code', error.code), textElement('Message', error.message), ...elements].join('');
    return {
      status: error.status,
      headers: {
        'content-type': 'application/xml',
        'x-amz-request-id': requestId,
        ...(Object.fromEntries(fields.filter(isHeader)) as Record<string, string>),
      },
      body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${content}${textElement('RequestId', requestId)}</Error>`,
    };
  },

  errors: {
    notSigned: () => new AwsError('AccessDenied', 'Access Denied', 403),
    unknownOperation: () =>
      new AwsError('NotImplemented', 'A header you provided implies functionality that is not implemented', 501),
    throttled: () => new AwsError('SlowDown', 'Please reduce your request rate.', 503),
    internal: () => new AwsError('InternalError', 'We encountered an internal error. Please try again.', 500),
    expiredToken: () => new AwsError('ExpiredToken', 'The provided token has expired.', 400),
  },
};

/** `bucket.localhost`, `bucket.s3.localhost`, `bucket.s3.eu-west-1.amazonaws.com`, or else `/bucket/key`. */
function addressOf(request: EdgeRequest): Address {
  const [host = ''] = (header(request, 'host') ?? '').split(':');
  const pattern = host.endsWith('.localhost') ? /^(?!s3\.localhost)(.+?)(?:\.s3)?\.localhost$/ : /^(.+)\.s3[.-].*$/;
  const inHost = pattern.exec(host)?.[1];
  if (inHost !== undefined) return { path: request.path, hostLabels: { Bucket: inHost } };
  const [, bucket, rest] = /^\/([^/]+)(\/.*)?$/s.exec(request.path) ?? [];
  if (bucket === undefined) return { path: '/', hostLabels: {} };
  return { path: rest ?? '/', hostLabels: { Bucket: decodeUri(bucket) } };
}
