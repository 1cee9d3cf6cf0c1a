import { AwsError } from '../service.ts';
import type { EdgeRequest } from './http.ts';
import { header } from './http.ts';

/** What a SigV4 signature says of its request. The signature itself is not verified. */
export interface CredentialScope {
  readonly accessKeyId: string;
  readonly region: string;
  /** The signing name of the service. */
  readonly service: string;
}

const ACCOUNT_BY_DEFAULT = '111122223333';

/**
 * The scope in the Authorization header, or in the X-Amz-Credential of a presigned URL.
 *
 * @returns undefined when the request is not signed at all.
 * @throws AwsError IncompleteSignature when it is signed in a way that has no scope.
 */
export function credentialScope(request: EdgeRequest): CredentialScope | undefined {
  const authorization = header(request, 'authorization');
  const credential = authorization?.match(/Credential=([^,\s]+)/)?.[1] ?? request.query.get('X-Amz-Credential');
  if (authorization === undefined && credential == null) return undefined;
  const [accessKeyId, , region, service, terminator] = credential?.split('/') ?? [];
  if (!accessKeyId || !region || !service || terminator !== 'aws4_request') {
    throw new AwsError(
      'IncompleteSignature',
      `Authorization header requires 'Credential' parameter of the form <access-key>/<date>/<region>/<service>/aws4_request. Authorization=${authorization?.split(' ')[0] ?? ''}`,
      400,
    );
  }
  return { accessKeyId, region, service };
}

/** The account an access key belongs to when nobody handed it out: the 12 digits it ends in, or 111122223333. */
export function accountOfForeignKey(accessKeyId: string): string {
  return /(\d{12})$/.exec(accessKeyId)?.[1] ?? ACCOUNT_BY_DEFAULT;
}
