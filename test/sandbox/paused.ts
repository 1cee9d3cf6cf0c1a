/** A sandbox whose clock stands still but for what a test, or a call, moves it on. */
import assert from 'node:assert/strict';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { KMSClient } from '@aws-sdk/client-kms';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { WorkSpacesClient } from '@aws-sdk/client-workspaces';
import { seedFleet } from '../../sandbox/fleet.ts';
import type { Fleet, FleetSpec } from '../../sandbox/fleet.ts';
import { startSandbox } from '../../sandbox/sandbox.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { plainFleet } from '../../sandbox/scenarios.ts';
import { changeSettings } from '../../sandbox/services/workspaces/settings.ts';
import type { WorkSpacesSettings } from '../../sandbox/services/workspaces/settings.ts';

/** Virtual time that each call takes: two a second are what AWS lets through. */
const CALL_MS = 500;

type Handler = (args: unknown) => unknown;
type Middleware = (next: Handler) => Handler;
interface Steppable {
  readonly middlewareStack: { add(middleware: Middleware, options: { step: 'initialize' }): void };
}

export interface Paused {
  readonly sandbox: Sandbox;
  readonly fleet: Fleet;
  readonly workspaces: WorkSpacesClient;
  readonly tagging: ResourceGroupsTaggingAPIClient;
  readonly ssm: SSMClient;
  readonly sns: SNSClient;
  readonly cloudformation: CloudFormationClient;
  readonly kms: KMSClient;
  readonly quotas: ServiceQuotasClient;
  /** The id of the fleet's nth WorkSpace. */
  id(index: number): string;
  now(): number;
  pass(seconds: number): void;
  settings(changes: Partial<WorkSpacesSettings>): void;
  close(): Promise<void>;
}

export async function startPaused(count: number, changes: Partial<FleetSpec> = {}): Promise<Paused> {
  const sandbox = await startSandbox({ startTime: '2026-01-05T08:00:00Z' });
  sandbox.clock.pause();
  const fleet = seedFleet(sandbox.world, plainFleet(count, changes));
  const options = {
    region: fleet.place.region,
    endpoint: sandbox.endpoint,
    maxAttempts: 1,
    credentials: { accessKeyId: fleet.place.account, secretAccessKey: 'secret' },
  };
  const clients = {
    workspaces: new WorkSpacesClient(options),
    tagging: new ResourceGroupsTaggingAPIClient(options),
    ssm: new SSMClient(options),
    sns: new SNSClient(options),
    cloudformation: new CloudFormationClient(options),
    kms: new KMSClient(options),
    quotas: new ServiceQuotasClient(options),
  };
  for (const client of Object.values(clients) as unknown as Steppable[]) {
    const takeTime: Middleware = (next) => (args) => {
      sandbox.clock.step(CALL_MS);
      return next(args);
    };
    client.middlewareStack.add(takeTime, { step: 'initialize' });
  }
  return {
    sandbox,
    fleet,
    ...clients,
    id: (index) => fleet.members[index]?.workspaceId ?? assert.fail(`the fleet has no WorkSpace ${index}`),
    now: () => sandbox.clock.now(),
    pass: (seconds) => sandbox.clock.step(seconds * 1000),
    settings: (settings) => changeSettings(fleet.place, settings),
    close: async () => {
      for (const client of Object.values(clients)) client.destroy();
      await sandbox.close();
    },
  };
}

/** Asserts that a call is refused with this error. */
export async function refused(call: Promise<unknown>, name: string, message?: RegExp): Promise<void> {
  await assert.rejects(call, (error: Error) => {
    assert.equal(error.name, name, error.message);
    if (message) assert.match(error.message, message);
    return true;
  });
}
