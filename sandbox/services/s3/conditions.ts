import { AwsError } from '../../service.ts';
import type { StoredObject } from './rows.ts';

export interface WriteConditions {
  /** An ETag the present object must have. */
  readonly IfMatch?: string;
  /** Only `*` is allowed: there must be no object yet. */
  readonly IfNoneMatch?: string;
}

export interface ReadConditions {
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly IfModifiedSince?: Date;
  readonly IfUnmodifiedSince?: Date;
  readonly VersionId?: string;
  readonly PartNumber?: number;
}

export function checkWrite({ IfMatch, IfNoneMatch }: WriteConditions, present: StoredObject | undefined): void {
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*') throw notImplemented('If-None-Match');
  if (IfNoneMatch !== undefined && present) throw preconditionFailed('If-None-Match');
  if (IfMatch === undefined) return;
  if (!present) throw noSuchKey('');
  if (!sameEtag(IfMatch, present)) throw preconditionFailed('If-Match');
}

export function checkRead(input: ReadConditions, object: StoredObject): void {
  if (input.VersionId !== undefined && input.VersionId !== 'null') {
    throw new AwsError('InvalidArgument', 'Invalid version id specified', 400, {
      ArgumentName: 'versionId',
      ArgumentValue: input.VersionId,
    });
  }
  if (input.PartNumber !== undefined) throw notImplemented('partNumber');
  const modified = Math.floor(object.modifiedAt / 1000) * 1000;
  if (input.IfMatch !== undefined && !sameEtag(input.IfMatch, object)) throw preconditionFailed('If-Match');
  if (input.IfUnmodifiedSince && input.IfMatch === undefined && modified > input.IfUnmodifiedSince.getTime()) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  const isUnchanged =
    input.IfNoneMatch === undefined
      ? input.IfModifiedSince !== undefined && modified <= input.IfModifiedSince.getTime()
      : sameEtag(input.IfNoneMatch, object);
  if (isUnchanged) throw new AwsError('NotModified', 'Not Modified', 304);
}

export function noSuchKey(key: string): AwsError {
  return new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
}

function preconditionFailed(condition: string): AwsError {
  return new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition: condition,
  });
}

function notImplemented(header: string): AwsError {
  return new AwsError('NotImplemented', 'A header you provided implies functionality that is not implemented', 501, {
    Header: header,
  });
}

/** ETags are compared with or without their quotes. */
function sameEtag(asked: string, object: StoredObject): boolean {
  return asked === '*' || asked.replaceAll('"', '') === object.etag.replaceAll('"', '');
}
