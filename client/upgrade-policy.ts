/** `--policy <name>`: an upgrade's parameters from the file; a flag that is given beside it holds instead. */
import type { Command } from 'commander';
import { CommandError } from './exit.ts';
import type { UpgradeFlags } from './upgrade-flags.ts';
import { FLAG_OF } from './upgrade-input.ts';

/** Parameters that several flags make together are taken from the flags as a whole. */
const WHOLE = ['selection', 'waves.canary'];

/** Makes the parameters of what the flags come to, in which defaults stand for flags that were not given. */
export async function overPolicy(flags: UpgradeFlags, command: Command): Promise<(raw: object) => object> {
  const { policy, config } = flags;
  if (policy === undefined) return (raw) => raw;
  // Only who names a policy waits until the file's judge is loaded.
  const { readConfig } = await import('./config-file.ts');
  const { imageUpgrade } = readConfig(config);
  const declared = Object.hasOwn(imageUpgrade, policy) ? imageUpgrade[policy] : undefined;
  if (!declared) {
    const known = Object.keys(imageUpgrade).join(', ') || 'none';
    throw new CommandError('usage', `--policy: ${config} has no upgrade policy ${policy}; it has: ${known}`);
  }
  const paths = givenPaths(flags, command);
  return (raw) => paths.reduce((input, path) => withValue(input, path, valueAt(raw, path)), declared as object);
}

/** Of the parameters for which a flag was given. */
function givenPaths({ all }: UpgradeFlags, command: Command): string[][] {
  const isGiven = (flag: string): boolean =>
    command.options.some((each) => each.long === flag && command.getOptionValueSource(each.attributeName()) === 'cli');
  const given = Object.entries(FLAG_OF).flatMap(([path, flag]) => (isGiven(flag) ? path : []));
  const paths = [...given, ...(all ? ['selection.all'] : [])].map(
    (path) => WHOLE.find((whole) => path.startsWith(`${whole}.`)) ?? path,
  );
  return [...new Set(paths)].map((path) => path.split('.'));
}

const valueAt = (from: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>> | null)?.[name], from);

function withValue(object: unknown, [name = '', ...rest]: readonly string[], value: unknown): object {
  const inner = (object as Readonly<Record<string, unknown>>)[name];
  return { ...(object as object), [name]: rest.length === 0 ? value : withValue(inner, rest, value) };
}
