/** Runs the `holdfast` command line. */
import { endingOf } from './errors.ts';
import { EXIT } from './exit.ts';
import { handleInterrupts } from './interrupt.ts';
import { isAnswered, printJson, say } from './output.ts';
import { programFor } from './program.ts';

async function main(args: readonly string[]): Promise<number> {
  handleInterrupts();
  try {
    const program = await programFor(args);
    await program.parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    const { exit, message, isSaid } = endingOf(error);
    if (exit !== 'done' && args.includes('--json') && !isAnswered())
      printJson({ error: { code: EXIT[exit], exit, message } });
    if (message && !isSaid) say(message.replace(/^/gm, '  ').replace(/^ {2}/, 'holdfast: '));
    return EXIT[exit];
  }
}

process.exitCode = await main(process.argv.slice(2));
// All is closed by now, but Temporal's runtime now and then keeps a process alive that has nothing left to do.
setTimeout(() => process.exit(), 2_000).unref();
