/** `holdfast worker`: the process that has AWS credentials and does the work. */
import { Option, type Command } from 'commander';
import { targetName } from '../../domain/target.ts';
import { paceOf } from '../../sandbox/temporal/pace.ts';
import type { ServedTarget } from '../../worker/aws-clients.ts';
import { callerAccount, type Identity } from '../../worker/identity.ts';
import type { IntakeOptions } from '../../worker/intake.ts';
import { startWorker, type StartWorkerOptions } from '../../worker/worker.ts';
import type { Config } from '../../config/index.ts';
import { readConfig } from '../config-file.ts';
import { CommandError } from '../exit.ts';
import { untilInterrupted } from '../interrupt.ts';
import { realEndpoints } from '../loopback.ts';
import { say } from '../output.ts';
import { parseTarget, type TargetFlag } from '../target-flag.ts';
import { temporalPlace, type TemporalPlace } from '../temporal.ts';
import { positive } from '../number-flag.ts';
import { logWorker } from './worker-log.ts';
import { pointAwsAtSandbox } from './sandbox-env.ts';

interface Flags {
  readonly config?: string;
  readonly target?: readonly TargetFlag[];
  readonly speed?: number;
  readonly callsPerSecond: number;
}

export function addWorker(program: Command): void {
  program
    .command('worker')
    .description('do the work: run workflows, and call AWS for the targets')
    .addOption(
      new Option('--target <account>/<region>[=<role ARN>]', 'serve this account and Region; repeatable')
        .argParser(parseTarget)
        .default(undefined, 'the account of these credentials, and AWS_REGION'),
    )
    .addOption(
      new Option('--config <file>', 'serve the accounts of this holdfast.yaml, with their roles').conflicts('target'),
    )
    .option(
      '--calls-per-second <n>',
      'WorkSpaces API calls per account and Region; AWS allows 2 to all',
      positive(100),
      1.5,
    )
    .option('--speed <n>', 'beside a sandbox only: shorten every wait so many times', positive(100_000))
    .addHelpText('after', EXAMPLE)
    .action(async (flags: Flags) => await serve(flags));
}

const EXAMPLE = `
Example:
  holdfast worker --target 111122223333/eu-central-1=arn:aws:iam::111122223333:role/holdfast-worker
  holdfast worker --config holdfast.yaml

Stays up until Ctrl-C, then finishes the calls under way.`;

async function serve(flags: Flags): Promise<void> {
  const config = flags.config === undefined ? undefined : readConfig(flags.config);
  const declared = config?.targets;
  const place = temporalPlace();
  const { dev } = place;
  if (dev) {
    say(`Joining the set-up of holdfast dev in this folder: ${dev.address}, AWS is its sandbox at ${dev.awsEndpoint}`);
    pointAwsAtSandbox({ endpoint: dev.awsEndpoint, account: dev.account, region: dev.region });
  }
  const speed = flags.speed ?? dev?.speed ?? 1;
  refuseSpeedBesideAws(speed);
  const targets = await enterable(declared ?? flags.target ?? [await ownTarget()], flags.config);
  logWorker('INFO');
  const worker = await startOrExplain(place, {
    targets,
    callsPerSecond: flags.callsPerSecond,
    checkCommands: checkCommandsOf(config),
    intake: intakeOf(config, targets),
    ...(speed === 1 ? {} : { pace: paceOf(speed) }),
  });
  say(
    `Serving ${targets.map(targetName).join(', ')} at ${place.address}, namespace ${place.namespace}; Ctrl-C ends it`,
  );
  await Promise.race([untilInterrupted().then(() => worker.shutdown()), worker.done]);
}

function refuseSpeedBesideAws(speed: number): void {
  if (speed === 1) return;
  const real = realEndpoints(process.env);
  if (real.length === 0) return;
  throw new CommandError(
    'usage',
    `--speed ${speed} is for a sandbox on this machine only, and ${real.join(', ')}: ` +
      'set AWS_ENDPOINT_URL to the sandbox, or leave --speed out',
  );
}

async function ownTarget(): Promise<ServedTarget> {
  const region = process.env.AWS_REGION;
  if (!region) throw new CommandError('usage', 'which Region? set AWS_REGION, or give --target <account>/<region>');
  return { account: await accountOf({ region }), region };
}

/**
 * One account that cannot be entered does not keep the others waiting. It is tried again by a restart only: its work waits in
 * Temporal until then. An identity of the wrong account ends the command, as does one with which nothing can be entered.
 */
async function enterable(targets: readonly ServedTarget[], file: string | undefined): Promise<ServedTarget[]> {
  const served: ServedTarget[] = [];
  const refusals: CommandError[] = [];
  for (const target of targets) {
    try {
      await checkAccount(target, file);
      served.push(target);
    } catch (error) {
      if (!(error instanceof CommandError) || error.exit !== 'unreachable') throw error;
      refusals.push(error);
      if (targets.length > 1) say(`Not serving ${targetName(target)} until a restart: ${error.message}`);
    }
  }
  if (served.length === 0 && refusals[0]) throw refusals[0];
  return served;
}

async function checkAccount(target: ServedTarget, file: string | undefined): Promise<void> {
  const account = await accountOf(target);
  if (account === target.account) return;
  const role = `arn:aws:iam::${target.account}:role/<name>`;
  const [where, remedy] =
    file === undefined
      ? [`--target ${targetName(target)}`, `--target ${targetName(target)}=${role}`]
      : [`${targetName(target)} of ${file}`, `roleArn: ${role}`];
  throw new CommandError(
    'usage',
    `${where}: these credentials are of account ${account}; give the role to take: ${remedy}`,
  );
}

async function accountOf(identity: Identity): Promise<string> {
  try {
    return await callerAccount(identity);
  } catch (error) {
    const what = identity.roleArn
      ? `the role ${identity.roleArn} cannot be taken`
      : 'there are no AWS credentials that work';
    throw new CommandError(
      'unreachable',
      `${what}: ${(error as Error).message}\n` +
        'give credentials as for the AWS CLI (AWS_PROFILE, environment, instance role), or start a sandbox with `holdfast dev`',
      { cause: error },
    );
  }
}

/** The programs of its restore tests: no other one is run here, whoever asks for it. */
const checkCommandsOf = (config: Config | undefined): readonly (readonly string[])[] =>
  Object.values(config?.restoreTest ?? {}).flatMap(({ tests }) =>
    tests.flatMap(({ check }) => (check.kind === 'command' ? [check.command] : [])),
  );

/** The queues of the accounts that can be entered: the others are read once they can. */
function intakeOf(config: Config | undefined, targets: readonly ServedTarget[]): IntakeOptions {
  const served = new Set(targets.map(targetName));
  const queues = (config?.intake.queues ?? []).filter(({ target }) => served.has(targetName(target)));
  return { queues, policies: Object.values(config?.custody ?? {}) };
}

async function startOrExplain(
  place: TemporalPlace,
  options: Omit<StartWorkerOptions, 'address' | 'namespace' | 'connectionOptions'>,
) {
  try {
    return await startWorker({
      address: place.address,
      namespace: place.namespace,
      connectionOptions: place.connectionOptions,
      ...options,
    });
  } catch (error) {
    if ((error as Error).name !== 'TransportError') throw error;
    throw new CommandError(
      'unreachable',
      `no Temporal server answers at ${place.address} (namespace ${place.namespace}): ${reasonOf(error as Error)}\n` +
        'start everything locally with `holdfast dev`, or set TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE',
      { cause: error },
    );
  }
}

/** The part for people of what the SDK's core prints for its developers. */
const reasonOf = ({ message }: Error): string => /message: "([^"]+)"/.exec(message)?.[1] ?? message;
