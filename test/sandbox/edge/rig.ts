/** A sandbox for one file's tests, clients that do not retry, and requests that no SDK would send. */
import assert from 'node:assert/strict';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { WorkSpacesClient } from '@aws-sdk/client-workspaces';
import type { Sandbox } from '../../../sandbox/sandbox.ts';

export const ACCOUNT = '222233334444';
export const OTHER_ACCOUNT = '555566667777';
export const REGION = 'eu-west-1';

export interface Caller {
  readonly region?: string;
  readonly account?: string;
  readonly endpoint?: string;
}

export function optionsFor(sandbox: Sandbox, { region = REGION, account = ACCOUNT, endpoint }: Caller = {}) {
  return {
    endpoint: endpoint ?? sandbox.endpoint,
    region,
    maxAttempts: 1,
    credentials: { accessKeyId: `AKIA${account}`, secretAccessKey: 'secret' },
  };
}

export function clientsFor(sandbox: Sandbox, caller: Caller = {}) {
  const options = optionsFor(sandbox, caller);
  return {
    kms: new KMSClient(options),
    s3: new S3Client(options),
    ssm: new SSMClient(options),
    sts: new STSClient(options),
    workspaces: new WorkSpacesClient(options),
  };
}

export interface Refusal {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
}

/** The error a call is answered with; fails when the call succeeds. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, message, status: $metadata?.httpStatusCode };
  }
  return assert.fail('the call was expected to be refused');
}

export async function assertRefused(call: Promise<unknown>, name: string, status: number): Promise<void> {
  const refusal = await refusalOf(call);
  assert.deepEqual({ name: refusal.name, status: refusal.status }, { name, status }, refusal.message);
}

/** An Authorization header whose signature is nonsense, which the sandbox does not mind. */
export function signedFor(service: string, region = REGION, accessKeyId = `AKIA${ACCOUNT}`): Record<string, string> {
  const scope = `${accessKeyId}/20260105/${region}/${service}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=00` };
}

/** An awsJson request as it goes over the wire. */
export async function postJson(
  sandbox: Sandbox,
  { service, target, body, headers = {} }: { service: string; target: string; body: string; headers?: object },
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const response = await fetch(sandbox.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': target,
      ...signedFor(service),
      ...headers,
    },
    body,
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}
