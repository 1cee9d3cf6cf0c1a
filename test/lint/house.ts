/** What the files of one place in the project may import. */
export interface Row {
  /** Paths from the project's root that this row speaks for. */
  readonly files: RegExp;
  /** Paths it may import, besides those it speaks for. */
  readonly may: readonly RegExp[];
  /** Paths it may import with `import type` only. */
  readonly mayAsTypes?: readonly RegExp[];
  /** The packages it may import, Node's own included; any when left out. */
  readonly packages?: readonly string[];
  /** From these packages it may import only what begins so. */
  readonly onlyNames?: { readonly package: string; readonly prefix: string };
}

const activities = /^activities\//;
const client = /^client\//;
const config = /^config\//;
const domain = /^domain\//;
const messages = /^workflows\/.*\.messages\.ts$/;
const report = /^report\//;
const sandbox = /^sandbox\//;
const streams = /^streams\//;
const worker = /^worker\//;

/** The import table. The first row that matches a file holds; a file that none matches may import anything. */
export const house: readonly Row[] = [
  // Arithmetic that others keep better: hashes and time zones.
  { files: domain, may: [], packages: ['@noble/hashes', 'luxon'] },
  {
    // Messages load in a workflow and outside one, so they take nothing that needs a running workflow.
    files: messages,
    may: [domain],
    packages: ['@temporalio/workflow'],
    onlyNames: { package: '@temporalio/workflow', prefix: 'define' },
  },
  {
    // All that a workflow imports goes into its bundle, where Node and the network do not exist.
    files: /^workflows\//,
    may: [domain],
    mayAsTypes: [activities],
    packages: ['@temporalio/workflow', '@temporalio/common'],
  },
  { files: activities, may: [domain, report, streams] },
  // Workflows reach the worker as a path to bundle, never as a module.
  { files: worker, may: [activities, config, domain, messages] },
  {
    files: /^client\/(commands\/(dev|demo|worker|sandbox)|rehearsal)[-./]/,
    may: [client, config, domain, messages, report, sandbox, worker],
  },
  { files: client, may: [config, domain, messages, report] },
  { files: config, may: [domain] },
  { files: report, may: [domain] },
  { files: streams, may: [domain] },
  { files: /^jobs\//, may: [domain, streams] },
  { files: sandbox, may: [] },
];

/** The capabilities, longest first where one begins like another, and those that each may use. */
const capabilities = ['image-upgrade', 'image-backup', 'image-restore', 'custody', 'copy', 'export', 'organization'];
const uses: Readonly<Record<string, readonly string[]>> = { custody: ['copy', 'export'] };

/** The capability a file of `workflows/` belongs to by its stem; none for what several share. */
function capabilityOf(path: string): string | undefined {
  const stem = /^workflows\/([^/]+)/.exec(path)?.[1];
  return capabilities.find((capability) => stem !== undefined && new RegExp(`^${capability}([-.]|$)`).test(stem));
}

/** Whether a capability's workflow imports another's. What two need has a module of its own. */
export function crossesCapabilities(from: string, to: string): boolean {
  const [own, other] = [capabilityOf(from), capabilityOf(to)];
  return own !== undefined && other !== undefined && own !== other && !uses[own]?.includes(other);
}
