/** What a command says. The answer goes to stdout, and with `--json` nothing else does; all else goes to stderr. */

/** A line that people should see, however the command is run. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A line about what is going on: for a person who waits, so only on a terminal. */
export function progress(line: string): void {
  if (process.stderr.isTTY) say(line);
}

/** The answer, for people. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

let answered = false;

/** Whether the one document has been printed already. */
export const isAnswered = (): boolean => answered;

/** The answer, for programs: one valid document. */
export function printJson(document: unknown): void {
  answered = true;
  print(JSON.stringify(document, null, 2));
}
