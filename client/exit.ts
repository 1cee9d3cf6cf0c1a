/** How a command ends. Scripts branch on the numbers: none of them changes. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** Wrong usage or configuration; nothing was changed. */
  usage: 2,
  /** Some of it was done: the report says what was not. */
  partlyFailed: 3,
  /** It waits for a person: the message says what for. */
  blocked: 4,
  notFound: 10,
  alreadyRunning: 11,
  /** No credentials, no Temporal server, or no worker. */
  unreachable: 12,
  interrupted: 130,
} as const;
export type Exit = keyof typeof EXIT;

/** Ends a command with one message for its user: what is wrong, the value, what is allowed, what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exit: Exit;

  constructor(exit: Exit, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exit = exit;
  }
}
