import { AwsError } from '../service.ts';
import { awsJson } from './aws-json.ts';
import type { EdgeRequest } from './http.ts';
import { header } from './http.ts';
import type { Protocol } from './protocol.ts';
import { query } from './query.ts';
import { s3Protocol } from './s3-protocol.ts';

/** The protocol a request most likely speaks, for errors before its service is known. */
export function fallbackProtocol(request: EdgeRequest): Protocol {
  const contentType = header(request, 'content-type') ?? '';
  if (header(request, 'x-amz-target') !== undefined || contentType.includes('json')) return awsJson;
  return contentType.startsWith('application/x-www-form-urlencoded') || request.query.has('Action')
    ? query
    : s3Protocol;
}

export function unknownServiceError(service: string, known: readonly string[]): AwsError {
  return new AwsError(
    'SandboxHasNoSuchService',
    `the sandbox has no service '${service}'; it has ${known.join(', ')}. Set AWS_ENDPOINT_URL_<SERVICE> to send it elsewhere`,
    501,
  );
}
