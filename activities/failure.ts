/** The one place where an error of AWS's SDK becomes a failure that workflows understand. */
import { ApplicationFailure } from '@temporalio/activity';
import { FAILURE_OF_AWS_ERROR, FAILURES, type FailureType } from '../domain/errors.ts';
import { targetName, type Target } from '../domain/target.ts';

export interface CallContext {
  readonly target: Target;
  /** The action as IAM names it: `workspaces:RebuildWorkspaces`. */
  readonly action: string;
  /** The id that the call was about, where there is one. */
  readonly resource?: string;
}

interface AwsLikeError {
  readonly name?: string;
  readonly code?: string;
  readonly Code?: string;
  readonly message?: string;
  readonly cause?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const MOST_CAUSES = 5;

/** AWS's name of the error, by names and HTTP status along the causes: two copies of the SDK must not break us. */
export function awsErrorCode(error: unknown): string {
  let each = error as AwsLikeError | undefined;
  for (let depth = 0; each && depth < MOST_CAUSES; depth += 1, each = each.cause as AwsLikeError | undefined) {
    const known = [each.name, each.Code, each.code].find((name) => name !== undefined && name in FAILURE_OF_AWS_ERROR);
    if (known) return known;
  }
  return (error as AwsLikeError).Code ?? (error as AwsLikeError).code ?? (error as AwsLikeError).name ?? 'Error';
}

/** Undefined: not in the table, and its HTTP status says nothing either. */
export function failureType(error: unknown): FailureType | undefined {
  const known = FAILURE_OF_AWS_ERROR[awsErrorCode(error)];
  if (known) return known;
  const status = (error as AwsLikeError).$metadata?.httpStatusCode;
  // Node's own network errors, of which there are more than names in the table.
  if (status === undefined) return (error as { syscall?: string }).syscall === undefined ? undefined : 'Unavailable';
  if (status === 429) return 'Throttled';
  if (status >= 500) return 'Unavailable';
  if (status === 403) return 'AccessDenied';
  return status === 404 ? 'NotFound' : undefined;
}

/**
 * What to throw from an activity. `details[0].code` is AWS's own code. An error of AWS's that is not in the table goes by
 * its code and is tried again; what is no answer of AWS's at all passes untouched.
 */
function toFailure(error: unknown, { target, action, resource }: CallContext): unknown {
  if (error instanceof ApplicationFailure) return error;
  const type = failureType(error);
  if (!type && !(error as AwsLikeError).$metadata) return error;
  const code = awsErrorCode(error);
  const about = [action, resource, `in ${targetName(target)}`].filter(Boolean).join(' ');
  const remedy = type ? FAILURES[type].remedy : `see what AWS says of ${code}`;
  const message = `${about}: ${(error as AwsLikeError).message ?? code} (${remedy})`;
  return ApplicationFailure.create({
    type: type ?? code,
    message,
    nonRetryable: type !== undefined && !FAILURES[type].retryable,
    details: [{ code }],
    ...(type === 'Throttled' ? { category: 'BENIGN' as const } : {}),
  });
}

/** Makes one call and turns its error into a failure. */
export async function call<T>(context: CallContext, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw toFailure(error, context);
  }
}
