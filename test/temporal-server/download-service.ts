import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { good } from './machine.ts';

/** Nothing listens on this port: a download that is refused at once. */
export const refusing = 'http://127.0.0.1:2';

export interface DownloadService {
  readonly url: string;
  /** Path and query of each request. */
  readonly asked: readonly string[];
  /** Answers all that is asked from now on so. */
  answer(status: number, body: string): void;
  close(): Promise<void>;
}

/** Serves a `temporal` made of the shell script given, as Temporal's download service serves the real one. */
export async function downloadService(body = good): Promise<DownloadService> {
  const archive = tarOf(body);
  const asked: string[] = [];
  let fixed: { status: number; body: string } | undefined;
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (fixed) response.writeHead(fixed.status).end(fixed.body);
    else if (request.url === '/archive') response.end(archive);
    else response.end(JSON.stringify({ archiveUrl: `${url}/archive`, fileToExtract: 'temporal' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    answer: (status, text) => (fixed = { status, body: text }),
    async close() {
      server.closeAllConnections();
      if (server.listening) await once(server.close(), 'close');
    },
  };
}

function tarOf(body: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-archive-'));
  try {
    writeFileSync(join(folder, 'temporal'), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    execFileSync('tar', ['-czf', 'archive.tar.gz', 'temporal'], { cwd: folder });
    return readFileSync(join(folder, 'archive.tar.gz'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
