/** The commands, their flags and their help. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { EXIT } from './exit.ts';

type Add = (program: Command) => void;

/** Loaded when they are asked for: a worker takes a second to load, and `status` needs none. */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  backup: async () => (await import('./commands/backup.ts')).addBackup,
  config: async () => (await import('./commands/config.ts')).addConfig,
  custody: async () => (await import('./commands/custody.ts')).addCustody,
  demo: async () => (await import('./commands/demo.ts')).addDemo,
  dev: async () => (await import('./commands/dev.ts')).addDev,
  init: async () => (await import('./commands/init.ts')).addInit,
  restore: async () => (await import('./commands/restore.ts')).addRestore,
  sandbox: async () => (await import('./commands/sandbox-start.ts')).addSandbox,
  schedules: async () => (await import('./commands/schedules.ts')).addSchedules,
  sweep: async () => (await import('./commands/sweep.ts')).addSweep,
  upgrade: async () => (await import('./commands/upgrade.ts')).addUpgrade,
  worker: async () => (await import('./commands/worker.ts')).addWorker,
};

const EXIT_CODES = `
Exit codes: ${Object.entries(EXIT)
  .map(([name, code]) => `${code} ${name}`)
  .join(', ')}`;

/** @param args as the user gave them: only the command they name is loaded; none or an unknown one: all */
export async function programFor(args: readonly string[]): Promise<Command> {
  const { version, description } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const program = new Command('holdfast').description(description).version(version).exitOverride();
  program.addHelpText('after', EXIT_CODES);
  // Errors are said in one place, and in one way, for all.
  program.configureOutput({ outputError: () => undefined });
  const named = args.find((arg) => !arg.startsWith('-')) ?? '';
  for (const name of named in COMMANDS ? [named] : Object.keys(COMMANDS)) (await COMMANDS[name]?.())?.(program);
  return program;
}
