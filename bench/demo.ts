/** `npm run demo` from a warm install: start to summary. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { atMost, type Figure } from './figure.ts';

export async function measure(): Promise<Figure[]> {
  const begun = performance.now();
  const demo = spawn('npm', ['run', 'demo'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise<number | null>((resolve, reject) => demo.once('error', reject).once('close', resolve));
  if (code !== 0 && code !== 3) throw new Error(`the demo ended with ${code}`);
  return [atMost('demo', 'start to summary', (performance.now() - begun) / 1000, 's', 40)];
}
