import { accessDenied, invalidValue } from './errors.ts';

/** @throws AwsError where a role is not of the caller's account. */
export function checkRole(roleArn: string, account: string): void {
  if (new RegExp(`^arn:aws[\\w-]*:iam::${account}:role/.+$`).test(roleArn)) return;
  if (!/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/.test(roleArn)) throw invalidValue(`Invalid IAM role ARN: ${roleArn}`);
  throw accessDenied('Cross-account pass role is not allowed.');
}
