// Plain JavaScript on purpose: an older Node cannot load a .ts file, and this is what says so in words.
const wanted = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < wanted) {
  throw new Error(
    `the tests need Node ${wanted} or later and got ${process.versions.node} (${process.execPath}): ` +
      'run them with "npm test" or "npx mocha <file>", which use the Node in node_modules; ' +
      'if that is missing, run "npm ci"',
  );
}
