/** `holdfast demo`: the upgrade of 200 WorkSpaces, from nothing to the report, on an embedded Temporal and AWS. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Client, Connection } from '@temporalio/client';
import { Option, type Command } from 'commander';
import { DEFAULTS, OUTCOMES, type ImageUpgradeInput, type Outcome } from '../../domain/image-upgrade.ts';
import { NO_SELECTION } from '../../domain/selection.ts';
import { demoFleet, WELL_KNOWN } from '../../sandbox/scenarios.ts';
import type { ImageUpgradeResult, ReportFiles } from '../../workflows/image-upgrade.messages.ts';
import { formatDuration } from '../duration.ts';
import { CommandError } from '../exit.ts';
import { onInterrupt, untilInterrupted } from '../interrupt.ts';
import { followUpgrade } from '../live.ts';
import { positive, wholeNumber } from '../number-flag.ts';
import { print } from '../output.ts';
import { uiLink } from '../temporal.ts';
import type { UpgradeView } from '../upgrade-run.ts';
import { beginUpgrade } from '../upgrade-begin.ts';
import { setUp, type SetUp } from './dev-setup.ts';

const REPORTS = 'holdfast-reports';

interface Flags {
  readonly speed: number;
  readonly seed: number;
  readonly keep?: boolean;
}

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('watch 200 WorkSpaces being upgraded on an embedded Temporal and AWS; needs no account')
    .addOption(new Option('--speed <n>', 'virtual seconds in a real one').argParser(positive(100_000)).default(2_000))
    .addOption(new Option('--seed <n>', 'another fleet, other timings').argParser(wholeNumber(0, 2 ** 31)).default(1))
    .option('--keep', 'keep everything running at the end, until Ctrl-C')
    .addHelpText('after', '\nExample:\n  holdfast demo --keep')
    .action(async (flags: Flags) => {
      print('200 WorkSpaces get a new image, on an embedded AWS and a real Temporal server. Starting both.\n');
      const all = await setUp({ fleet: demoFleet(), speed: flags.speed, seed: flags.seed });
      const forget = onInterrupt(() => all.close());
      try {
        await Promise.race([show(all, flags), all.broken]);
      } finally {
        forget();
        await all.close();
      }
    });
}

async function show(all: SetUp, flags: Flags): Promise<void> {
  const { place, uiUrl } = all;
  const connection = await Connection.connect({ address: place.address });
  try {
    const client = new Client({ connection, namespace: place.namespace });
    const input = demoInput();
    print(`Watch it in Temporal's UI: ${uiUrl}\nOne second here is ${formatDuration(flags.speed)} there.\n`);
    const begun = performance.now();
    const { workflowId, runId } = await beginUpgrade(client, input);
    const view = await followUpgrade(client, workflowId, { stream: process.stdout, every: 500, lineEvery: 2_000 });
    const result = (await client.workflow.getHandle(workflowId).result()) as ImageUpgradeResult;
    const files = result.report ? await copyReports(result.report) : [];
    print(ending({ view, result, files, seconds: (performance.now() - begun) / 1000 }));
    if (!flags.keep) {
      print(NEXT);
      return;
    }
    print(`In the UI: ${uiLink(place, workflowId, runId)}\nEverything stays up until Ctrl-C.`);
    await untilInterrupted();
  } finally {
    await connection.close();
  }
}

function demoInput(): ImageUpgradeInput {
  const { reportPrefix, ...defaults } = DEFAULTS;
  return {
    ...defaults,
    target: { account: WELL_KNOWN.account, region: WELL_KNOWN.region },
    bundleId: WELL_KNOWN.bundleId,
    imageId: WELL_KNOWN.newImageId,
    selection: { ...NO_SELECTION, allOf: [WELL_KNOWN.tag] },
    warnings: { ...DEFAULTS.warnings, leadSeconds: [600] },
    maxConcurrent: 20,
    report: { bucket: WELL_KNOWN.reportBucket, prefix: reportPrefix, kmsKeyArn: null },
    afterwards: { deleteScheduleId: null, deleteStackName: null },
  };
}

/** From the sandbox's S3, which ends with the demo, into this folder. */
async function copyReports(report: ReportFiles): Promise<string[]> {
  const s3 = new S3Client({ region: WELL_KNOWN.region, forcePathStyle: true });
  mkdirSync(REPORTS, { recursive: true });
  const files: string[] = [];
  for (const url of [report.csv, report.json]) {
    const [, Bucket = '', Key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    if (!Body) throw new CommandError('failed', `the report ${url} is empty`);
    const file = join(REPORTS, basename(Key));
    writeFileSync(file, await Body.transformToByteArray());
    files.push(file);
  }
  s3.destroy();
  return files;
}

interface Ended {
  readonly view: UpgradeView;
  readonly result: ImageUpgradeResult;
  readonly files: readonly string[];
  readonly seconds: number;
}

function ending({ view, result, files, seconds }: Ended): string {
  const { startedAt } = view.status;
  const virtual = startedAt && view.now ? (Date.parse(view.now) - Date.parse(startedAt)) / 1000 : 0;
  const warned = view.rows.filter((row) => row.notified === 'delivered').length;
  const reasons = reasonsOf(files);
  const totals = OUTCOMES.filter((outcome) => result.counts[outcome] > 0).flatMap((outcome) => [
    `  ${String(result.counts[outcome]).padStart(4)}  ${TOTAL[outcome]}`,
    ...(reasons.get(outcome) ?? []).map((line) => `          ${line}`),
  ]);
  return [
    '',
    `${formatDuration(virtual)} in the sandbox, ${formatDuration(seconds)} here:`,
    ...totals,
    `  ${String(warned).padStart(4)}  users were warned on their screens, ten minutes before`,
    '',
    'The reports, with every WorkSpace, its outcome and the reason:',
    ...files.map((file) => `  ${file}`),
    '',
  ].join('\n');
}

const TOTAL = {
  rebuilt: 'rebuilt with the new image, each confirmed by what AWS shows',
  migrated: 'migrated from another bundle',
  rebuildFailed: 'failed in AWS',
  rebuildUnconfirmed: 'accepted by AWS, with no effect seen: somebody should look',
  timedOutWaiting: 'without a new snapshot in time: left as they were',
  skipped: 'left out',
  aborted: 'not rebuilt: aborted',
} as const satisfies Record<Outcome, string>;

/** Why, by outcome, as the JSON report says it: `6 × is on another bundle: wsb-…`. */
function reasonsOf(files: readonly string[]): ReadonlyMap<Outcome, readonly string[]> {
  const file = files.find((each) => each.endsWith('.json'));
  if (!file) return new Map();
  const { workspaces } = JSON.parse(readFileSync(file, 'utf8')) as Reported;
  const outcomes = OUTCOMES.filter((outcome) => outcome !== 'rebuilt').map((outcome) => {
    const texts = workspaces.filter((each) => each.outcome === outcome).map((each) => each.reason?.text ?? '');
    const count = (text: string): number => texts.filter((each) => each === text).length;
    const byCount = [...new Set(texts)].toSorted((a, b) => count(b) - count(a));
    const lines = byCount.map((text) => `${count(text)} × ${text}`);
    return [outcome, lines] as const;
  });
  return new Map(outcomes);
}

interface Reported {
  readonly workspaces: readonly {
    readonly outcome: Outcome | null;
    readonly reason: { readonly text: string } | null;
  }[];
}

const NEXT = `Next:
  npx holdfast demo --keep     the same, and everything stays up to look at in Temporal's UI
  npx holdfast dev             an environment of your own: plan, start, watch and abort upgrades, stop the worker midway
  npx holdfast upgrade --help  what an upgrade can be told`;
