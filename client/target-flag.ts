/** `--target <account>/<region>[=<role ARN>]`: an account and Region that a worker serves. */
import { InvalidArgumentError } from 'commander';
import type { Target } from '../domain/target.ts';

export interface TargetFlag extends Target {
  /** The role taken there; absent: the worker's own identity. */
  readonly roleArn?: string;
}

const FORM = /^(\d{12})\/([a-z]{2,4}(?:-[a-z]+)+-\d{1,2})(?:=(arn:aws[a-z-]*:iam::(\d{12}):role\/[\w+=,.@/-]+))?$/;

/** For commander: gathers the targets of a repeated flag. */
export function parseTarget(value: string, before: readonly TargetFlag[] = []): readonly TargetFlag[] {
  const [, account, region, roleArn, roleAccount] = FORM.exec(value) ?? [];
  if (account === undefined || region === undefined) {
    throw new InvalidArgumentError('give <account>/<region>[=<role ARN>], such as 111122223333/eu-central-1');
  }
  if (roleAccount !== undefined && roleAccount !== account) {
    throw new InvalidArgumentError(`the role is in account ${roleAccount}: give one in ${account}`);
  }
  if (before.some((each) => each.account === account && each.region === region)) {
    throw new InvalidArgumentError(`${account}/${region} is given twice`);
  }
  return [...before, { account, region, ...(roleArn ? { roleArn } : {}) }];
}
