import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const good = "echo 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)'";

/** A machine of our own: a PATH with nothing on it and an empty cache, both on disk. */
export interface Machine {
  readonly bin: string;
  readonly cache: string;
  readonly installed: string;
  readonly env: NodeJS.ProcessEnv;
  /** Writes a shell script that can be run, and returns its path. Scripts find no other program without a full path. */
  script(folder: string, name: string, body: string): string;
  /** A `go` that "builds" the script given, once its gate is open; `runs()` says into which folder each time. */
  go(built?: string): { openGate(): void; runs(): string[] };
  remove(): void;
}

export function emptyMachine(): Machine {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-machine-'));
  const [bin, cache] = [join(root, 'bin'), join(root, 'cache')];
  mkdirSync(bin);
  const script = (folder: string, name: string, body: string): string => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return join(folder, name);
  };
  return {
    bin,
    cache,
    installed: join(cache, 'temporal-server', 'temporal'),
    env: { PATH: bin },
    script,
    go(built = good) {
      const [gate, log] = [join(root, 'gate'), join(root, 'go.log')];
      const made = script(join(root, 'built'), 'temporal', built);
      const wait = `while [ ! -e ${gate} ]; do /bin/sleep 0.05; done`;
      script(bin, 'go', `echo "$GOBIN" >> ${log}\n${wait}\n/bin/cp -p ${made} "$GOBIN/temporal"`);
      return {
        openGate: () => writeFileSync(gate, ''),
        runs: () => readFileSync(log, 'utf8').trimEnd().split('\n'),
      };
    },
    remove: () => rmSync(root, { recursive: true }),
  };
}
