/** This process's AWS environment, so that its calls reach a sandbox and nothing else. */
import { devNull } from 'node:os';

export interface SandboxPlace {
  readonly endpoint: string;
  /** The sandbox takes an access key that is an account id for a key of that account. */
  readonly account: string;
  readonly region: string;
}

/** The variables, for people to set in another terminal. */
export const sandboxVariables = ({ endpoint, account, region }: SandboxPlace): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: account,
  AWS_SECRET_ACCESS_KEY: 'sandbox',
  AWS_REGION: region,
  // The name that boto3 and the first AWS CLI know.
  AWS_DEFAULT_REGION: region,
});

/** Whatever this machine is set up for, profiles and endpoints of single services included, is left aside. */
export function pointAwsAtSandbox(place: SandboxPlace): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, sandboxVariables(place), {
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  });
}
