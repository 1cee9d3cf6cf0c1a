/** `--config <file>`: what `holdfast.yaml` declares, for commands that take it from there. */
import { loadConfig, problemText, type Config } from '../config/index.ts';
import { CommandError } from './exit.ts';

/** What is wrong with the file ends the command, all at once. */
export function readConfig(file: string): Config {
  const loaded = loadConfig(file, process.env);
  if (loaded.ok) return loaded.config;
  throw new CommandError('usage', loaded.problems.map(problemText).join('\n'));
}
