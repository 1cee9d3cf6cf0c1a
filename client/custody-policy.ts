/** `--config <file> --policy <name>`: a policy of custody. */
import type { Config } from '../config/index.ts';
import { CommandError } from './exit.ts';

/** The file's judge takes a while to load: only who names a policy waits for it. */
async function declaredIn<Name extends 'custody' | 'restoreTest'>(
  file: string,
  capability: Name,
): Promise<Config[Name]> {
  const { readConfig } = await import('./config-file.ts');
  return readConfig(file)[capability];
}

export async function custodyPolicyOf(file: string, name: string): Promise<Config['custody'][string]> {
  return named(await declaredIn(file, 'custody'), name, `${file} has no custody policy ${name}`);
}

export async function restoreTestsOf(file: string, name: string): Promise<Config['restoreTest'][string]> {
  return named(await declaredIn(file, 'restoreTest'), name, `${file} has no custody policy ${name} with restoreTests`);
}

function named<Value>(declared: Readonly<Record<string, Value>>, name: string, problem: string): Value {
  const found = Object.hasOwn(declared, name) ? declared[name] : undefined;
  if (found !== undefined) return found;
  throw new CommandError('usage', `--policy: ${problem}; it has: ${Object.keys(declared).join(', ') || 'none'}`);
}
