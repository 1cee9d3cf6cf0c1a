/** The attributes of a queue that can be set, and what they are checked for. */
import { AwsError } from '../../service.ts';
import type { World } from '../../service.ts';
import type { Queue } from './queues.ts';
import { queueOfArn } from './queues.ts';

export interface Redrive {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  VisibilityTimeout: [0, 43_200],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  DelaySeconds: [0, 900],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  KmsDataKeyReusePeriodSeconds: [60, 86_400],
};

const OTHERS = ['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId', 'SqsManagedSseEnabled'];

/** What AWS computes: it can be read only. */
const COMPUTED = /^(All|QueueArn|CreatedTimestamp|LastModifiedTimestamp|Approximate.*)$/;

const invalid = (name: string, value: string, reason = ''): AwsError =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.${reason}`, 400, { value });

/** @throws AwsError for the first attribute that no queue can have. */
export function checkAttributes(world: World, attributes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    const range = RANGES[name];
    if (COMPUTED.test(name) || (!range && !OTHERS.includes(name))) {
      throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    }
    const number = Number(value);
    if (range && !(Number.isInteger(number) && number >= range[0] && number <= range[1])) throw invalid(name, value);
    if (name.endsWith('Policy') && value !== '') checkJson(name, value);
    if (name === 'RedrivePolicy' && value !== '') checkRedrive(world, value);
  }
}

function checkJson(name: string, value: string): void {
  try {
    JSON.parse(value);
  } catch {
    throw invalid(name, value);
  }
}

function checkRedrive(world: World, value: string): void {
  const { deadLetterTargetArn = '', maxReceiveCount } = JSON.parse(value) as Partial<Redrive>;
  const count = Number(maxReceiveCount);
  const words = `Value ${value} for parameter RedrivePolicy is invalid. Reason:`;
  if (!queueOfArn(world, deadLetterTargetArn)) {
    throw new AwsError('InvalidParameterValue', `${words} Dead letter target does not exist.`);
  }
  if (!(Number.isInteger(count) && count >= 1 && count <= 1000)) {
    throw new AwsError('InvalidParameterValue', `${words} Invalid value for maxReceiveCount.`);
  }
}

/** Where messages go that were received too often; undefined: they stay. */
export function redriveOf({ attributes }: Queue): Redrive | undefined {
  const given = attributes['RedrivePolicy'];
  if (given === undefined || given === '') return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(given) as Redrive;
  return { deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) };
}

export const secondsOf = ({ attributes }: Queue, name: string): number => Number(attributes[name]);
