/** What is embedded with a fleet made up for it, and told to the other commands of this folder. */
import { join } from 'node:path';
import { seedFleet, type FleetSpec } from '../../sandbox/fleet.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { readDevState, STATE_FOLDER, writeDevState } from '../dev-state.ts';
import { CommandError } from '../exit.ts';
import type { TemporalPlace } from '../temporal.ts';
import { embed, type EmbedOptions } from './dev-embedded.ts';

export interface SetUpOptions {
  readonly fleet: FleetSpec;
  /** Virtual seconds in a real one. */
  readonly speed: number;
  readonly seed: number;
  /** What there is beside the fleet. @default nothing */
  readonly beside?: Beside;
}

/** What is put into the sandbox and served besides. */
export type Beside = Pick<EmbedOptions, 'fill' | 'moreTargets' | 'intake'>;

export interface SetUp {
  readonly sandbox: Sandbox;
  readonly place: TemporalPlace;
  readonly uiUrl: string;
  /** Rejects when the worker ends by itself. */
  readonly broken: Promise<never>;
  close(): Promise<void>;
}

/** The Monday on which every sandbox fleet begins, before people come to work. */
const START_TIME = '2026-03-02T06:00:00Z';

export async function setUp({ fleet, speed, seed, beside }: SetUpOptions): Promise<SetUp> {
  refuseSecond();
  const { account, region } = fleet;
  const embedded = await embed({
    ...beside,
    target: { account, region },
    speed,
    seed,
    startTime: START_TIME,
    fill: (sandbox) => {
      seedFleet(sandbox.world, fleet);
      beside?.fill(sandbox);
    },
    ui: true,
    logs: { temporal: join(STATE_FOLDER, 'temporal.log'), worker: join(STATE_FOLDER, 'worker.log') },
  });
  const { sandbox, address, namespace, uiUrl, broken } = embedded;
  const dev = { pid: process.pid, address, namespace, uiUrl, awsEndpoint: sandbox.endpoint, speed, account, region };
  const forget = writeDevState(dev);
  const close = async (): Promise<void> => {
    forget();
    await embedded.close();
  };
  embedded.begin();
  return { sandbox, place: { address, namespace, connectionOptions: { address }, dev }, uiUrl, broken, close };
}

function refuseSecond(): void {
  const running = readDevState();
  if (!running) return;
  throw new CommandError(
    'alreadyRunning',
    `holdfast dev or demo runs in this folder already (process ${running.pid}, ${running.uiUrl ?? running.address}): end it, or use another folder`,
  );
}
