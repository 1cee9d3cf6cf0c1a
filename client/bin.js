#!/usr/bin/env node
// What `npx holdfast` runs: plain JavaScript for any Node, which hands over to the Node that Holdfast needs, as it needs it.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const NEEDED = 24;
const source = fileURLToPath(new URL('holdfast.ts', import.meta.url));
const program = existsSync(source) ? source : fileURLToPath(new URL('holdfast.js', import.meta.url));

/** The Node that is pinned among the packages; undefined: only the running one is there. */
function pinnedNode() {
  try {
    const path = createRequire(import.meta.url)
      .resolve('node/package.json')
      .replace(/package\.json$/, 'bin/node');
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

// A worker has much short-lived memory: without limits Node collects it so late that a run of 10,000 takes half as much again.
const flags =
  process.argv[2] === 'worker'
    ? JSON.parse(readFileSync(new URL('../worker/node-flags.json', import.meta.url), 'utf8'))
    : [];

function handOver(node) {
  const child = spawn(node, [...flags, program, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches both: the program ends itself in order, and this one after it.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, (each) => each === 'SIGTERM' && child.kill(each));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

const isNewEnough = Number(process.versions.node.split('.')[0]) >= NEEDED;
if (isNewEnough && flags.length === 0) {
  await import(new URL(program, 'file:'));
} else {
  const node = isNewEnough ? process.execPath : pinnedNode();
  if (node) handOver(node);
  else {
    console.error(
      `holdfast: needs Node ${NEEDED} or later, this is ${process.versions.node}: install it, or run npm ci here`,
    );
    process.exitCode = 2;
  }
}
