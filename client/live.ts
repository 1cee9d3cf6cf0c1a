/** Follows an upgrade to its end, before the eyes of who waits. */
import type { Client } from '@temporalio/client';
import { createLogUpdate } from 'log-update';
import { readUpgrade, type UpgradeView } from './upgrade-run.ts';
import { upgradeLine, upgradeText } from './upgrade-text.ts';

export interface FollowOptions {
  /** Where it is shown: drawn on a terminal, else a line now and then. */
  readonly stream: NodeJS.WriteStream;
  /** Milliseconds between two looks. @default 1000 */
  readonly every?: number;
  /** Milliseconds between two lines where there is no terminal, at least. @default 10,000 */
  readonly lineEvery?: number;
  /** Milliseconds without an answer before it is given up. @default 60,000 */
  readonly patience?: number;
}

/** The last view, once the run has ended. */
export async function followUpgrade(client: Client, workflowId: string, options: FollowOptions): Promise<UpgradeView> {
  const { stream, every = 1_000, patience = 60_000 } = options;
  const show = stream.isTTY ? drawing(stream) : lines(stream, options.lineEvery ?? 10_000);
  let answeredAt = performance.now();
  for (;;) {
    const view = await readUpgrade(client, workflowId).catch((error: unknown) => {
      // A worker that is being replaced, or a server that starts again, comes back.
      if (performance.now() - answeredAt > patience || isFinal(error)) throw error;
      return null;
    });
    if (view) {
      answeredAt = performance.now();
      show.view(view);
      if (view.execution !== 'RUNNING') {
        show.done();
        return view;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

const isFinal = (error: unknown): boolean => (error as Error).name === 'CommandError';

interface Show {
  view(view: UpgradeView): void;
  done(): void;
}

function drawing(stream: NodeJS.WriteStream): Show {
  const draw = createLogUpdate(stream);
  return {
    view: (view) => draw(fit(upgradeText(view, Math.max(3, Math.floor((stream.rows - 26) / 2))), stream.columns)),
    done: () => draw.done(),
  };
}

/** Cuts what is too long: a line that wraps makes the view jump. Coloured lines are short, and stay. */
const fit = (text: string, columns: number): string =>
  text
    .split('\n')
    .map((line) => (line.length <= columns || line.includes('\u001B') ? line : `${line.slice(0, columns - 1)}…`))
    .join('\n');

function lines(stream: NodeJS.WriteStream, lineEvery: number): Show {
  let last = '';
  let at = -Infinity;
  return {
    view(view) {
      const line = upgradeLine(view);
      if (line === last || (performance.now() - at < lineEvery && view.execution === 'RUNNING')) return;
      stream.write(`${line}\n`);
      last = line;
      at = performance.now();
    },
    done: () => undefined,
  };
}
