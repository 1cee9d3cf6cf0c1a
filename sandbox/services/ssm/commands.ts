/** Commands and their invocations: what is sent, and how far it is at an instant. */
import type { Call } from '../../service.ts';
import type { Place } from '../workspaces/rows.ts';
import { instances } from './instances.ts';

export type Status = 'Pending' | 'InProgress' | 'Delayed' | 'Success' | 'TimedOut' | 'Failed';

/** In this status from `at` on. */
export interface Stage {
  readonly at: number;
  readonly status: Status;
  /** Says more than the status: `Delivery Timed Out`, `Undeliverable`. */
  readonly details: string;
}

export interface Invocation {
  readonly instanceId: string;
  /** In order of time, its whole course. */
  readonly stages: readonly Stage[];
  readonly errorOutput: string;
}

export interface Command {
  readonly commandId: string;
  readonly documentName: string;
  readonly comment: string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly instanceIds: readonly string[];
  readonly timeoutSeconds: number;
  readonly requestedAt: number;
  /** Not found before: Run Command is eventually consistent. */
  readonly seenFrom: number;
  readonly invocations: readonly Invocation[];
}

export const commands = (place: Place) => place.world.store.table<Command>(place.account, place.region, 'ssm.commands');

export const stageAt = (invocation: Invocation, at: number): Stage | undefined =>
  invocation.stages.findLast((stage) => stage.at <= at);

const isEnd = (status: Status): boolean => status === 'Success' || status === 'Failed' || status === 'TimedOut';

/** The status of the whole command, and how many of its invocations ended, and how. */
export function commandStatus(command: Command, at: number) {
  const stages = command.invocations
    .map((invocation) => stageAt(invocation, at))
    .filter((stage) => stage !== undefined);
  const count = (fits: (stage: Stage) => boolean) => stages.filter(fits).length;
  const ended = count(({ status }) => isEnd(status));
  const undelivered = count(({ details }) => details === 'Delivery Timed Out');
  const errors = count(
    ({ status, details }) => status !== 'Success' && isEnd(status) && details !== 'Delivery Timed Out',
  );
  return { status: overall(stages, ended), ended, undelivered, errors };
}

function overall(stages: readonly Stage[], ended: number): Status {
  if (stages.every(({ status }) => status === 'Pending') && stages.length > 0) return 'Pending';
  if (ended < stages.length) return 'InProgress';
  if (stages.some(({ status }) => status === 'Failed')) return 'Failed';
  return stages.some(({ status }) => status === 'TimedOut') ? 'TimedOut' : 'Success';
}

/** The command as the API shows it. */
export function commandShown(command: Command, at: number): object {
  const { status, ended, undelivered, errors } = commandStatus(command, at);
  const text = status === 'InProgress' ? 'In Progress' : status;
  return {
    CommandId: command.commandId,
    DocumentName: command.documentName,
    DocumentVersion: '$DEFAULT',
    Comment: command.comment,
    ExpiresAfter: new Date(command.requestedAt + command.timeoutSeconds * 1000),
    Parameters: command.parameters,
    InstanceIds: command.instanceIds,
    Targets: [],
    RequestedDateTime: new Date(command.requestedAt),
    Status: status,
    StatusDetails: text,
    OutputS3BucketName: '',
    OutputS3KeyPrefix: '',
    MaxConcurrency: '50',
    MaxErrors: '0',
    TargetCount: command.invocations.length,
    CompletedCount: ended,
    ErrorCount: errors,
    DeliveryTimedOutCount: undelivered,
    ServiceRole: '',
    TimeoutSeconds: command.timeoutSeconds,
  };
}

/** What appeared on the screen of a WorkSpace, for tests: no API shows it. */
export interface Shown {
  readonly instanceId: string;
  readonly workspaceId: string | null;
  readonly at: number;
  readonly script: string;
}

/** Every script that ran on an instance until now, in order of time. */
export function scriptsRun(place: Place, now: number = place.world.clock.now()): Shown[] {
  return commands(place)
    .values()
    .flatMap((command) => command.invocations.map((invocation) => ({ command, invocation })))
    .filter(({ invocation }) => stageAt(invocation, now)?.status === 'Success')
    .map(({ command, invocation: { instanceId, stages } }) => ({
      instanceId,
      workspaceId: instances(place).get(instanceId)?.workspaceId ?? null,
      at: stages.find(({ status }) => status === 'InProgress')?.at ?? command.requestedAt,
      script: (command.parameters['commands'] ?? []).join('\n'),
    }))
    .toSorted((a, b) => a.at - b.at);
}

/** The commands that a read can find, the newest first. */
export const seenCommands = (call: Call): Command[] =>
  commands(call)
    .values()
    .filter(({ seenFrom }) => seenFrom <= call.asOf)
    .toReversed();
