/** The one place where an error becomes an exit code and a line for people. */
import {
  isGrpcCancelledError,
  isGrpcDeadlineError,
  isGrpcServiceError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { CommandError, type Exit } from './exit.ts';

export interface Ending {
  readonly exit: Exit;
  readonly message: string | null;
  /** The message has been shown already. */
  readonly isSaid?: boolean;
}

/** gRPC's numbers. https://grpc.io/docs/guides/status-codes/ */
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
const UNREACHABLE = new Map([
  [4, 'it did not answer in time'],
  [12, 'what answers there is no Temporal server'],
  [7, 'it refuses these credentials'],
  [14, 'nothing answers there'],
  [16, 'it does not accept these credentials'],
]);

export function endingOf(error: unknown): Ending {
  if (error instanceof CommandError) return { exit: error.exit, message: error.message };
  const { name, message, code } = error as Error & { code?: string };
  if (code?.startsWith('commander.')) return ofCommander(code, message);
  if (name === 'ExitPromptError') return { exit: 'interrupted', message: null };
  if (name === 'NoTemporalServer') return { exit: 'unreachable', message };
  if (error instanceof WorkflowNotFoundError) return { exit: 'notFound', message };
  if (isLate(error)) {
    return { exit: 'unreachable', message: 'no answer in time: the Temporal server or the workers are busy or gone' };
  }
  const grpc = grpcOf(error);
  if (grpc && UNREACHABLE.has(grpc.code)) {
    return { exit: 'unreachable', message: `Temporal cannot be used: ${UNREACHABLE.get(grpc.code)} (${grpc.details})` };
  }
  if (grpc?.code === NOT_FOUND && /namespace/i.test(grpc.details)) {
    return { exit: 'unreachable', message: `${grpc.details}: set TEMPORAL_NAMESPACE to one that exists` };
  }
  if (grpc && isStuck(grpc)) {
    return {
      exit: 'failed',
      message:
        `the run cannot be asked at present (${grpc.details}): its last step failed in the worker and is tried again; ` +
        'see the worker’s log',
    };
  }
  return { exit: 'failed', message: error instanceof Error ? messagesOf(error) : String(error) };
}

/** Its codes for --help and --version are no errors; the help that it shows for want of a command is one. */
function ofCommander(code: string, message: string): Ending {
  if (code === 'commander.helpDisplayed' || code === 'commander.version')
    return { exit: 'done', message, isSaid: true };
  if (code === 'commander.help') return { exit: 'usage', message: 'name a command: see --help', isSaid: true };
  return { exit: 'usage', message: message.replace(/^error: /, '') };
}

interface GrpcFailure {
  readonly code: number;
  readonly details: string;
}

/** The server's refusal to ask a workflow whose task fails in the worker, again and again. */
const isStuck = ({ code, details }: GrpcFailure): boolean =>
  code === FAILED_PRECONDITION && /workflow task/i.test(details);

/** The server knows the deadline of a call too, and may give it up a moment before this side does: nobody else cancels. */
const isLate = (error: unknown): boolean => isGrpcDeadlineError(error) || isGrpcCancelledError(error);

/** Why a workflow that exists gives no answer to a query, though others do; null: another trouble. */
export function noAnswer(error: unknown): string | null {
  if (isLate(error)) return 'no answer in time';
  const grpc = grpcOf(error);
  return grpc && isStuck(grpc) ? grpc.details : null;
}

/** The SDK wraps gRPC's errors, one deep or two. */
export function grpcOf(error: unknown): GrpcFailure | null {
  for (let each = error, depth = 0; each instanceof Error && depth < 4; each = each.cause, depth += 1) {
    if (isGrpcServiceError(each)) return { code: each.code, details: each.details };
  }
  return null;
}

/** Causes tell more than what wraps them: a workflow's failure is in the last one. */
export function messagesOf(error: Error): string {
  const messages: string[] = [];
  for (let each: unknown = error; each instanceof Error && messages.length < 5; each = each.cause) {
    if (!messages.includes(each.message)) messages.push(each.message);
  }
  return messages.join(': ');
}
