/** What a preflight found, as people are told it. */
import { bareName } from './computer-names.ts';
import { isGoing } from './eligibility.ts';
import type { ImageUpgradeInput } from './image-upgrade.ts';
import type { Bundle } from './rebuild-gate.ts';
import type { PlanRow, PlanSummary } from './upgrade-plan.ts';

/** A summary goes through Temporal whole; how many there are is counted. */
const MOST_OUTSIDE = 100;

export interface Findings extends Pick<PlanSummary, 'hash' | 'forecast' | 'problems' | 'poolIds'> {
  readonly asOf: string;
  readonly rows: readonly PlanRow[];
  /** How many waves the rows were put into. */
  readonly waves: number;
  readonly outside: readonly string[];
  readonly onBundle: number;
  /** Bare names of computers whose SSM agent is online. */
  readonly online: ReadonlySet<string>;
  readonly bundle: Bundle | null;
  /** The image that the bundle carries; null: AWS does not know it. */
  readonly present: { readonly state: string } | null;
  readonly selfService: readonly string[];
  /** What was noticed on the way. */
  readonly notes: readonly string[];
}

export function summarize(input: ImageUpgradeInput, found: Findings): PlanSummary {
  const { bundle, outside, selfService } = found;
  const counts = countsOf(found);
  const rollback = rollbackOf(input, found);
  return {
    hash: found.hash,
    waves: waveSizes(found),
    rollback,
    forecast: found.forecast,
    asOf: found.asOf,
    problems: found.problems,
    notes: [...found.notes, ...notesOf(input, { counts, rollback, selfService })],
    bundle: bundle && { id: bundle.bundleId, name: bundle.name, imageId: bundle.imageId ?? '' },
    previousImageId: bundle?.imageId ?? null,
    counts,
    outsideSelection: outside.slice(0, MOST_OUTSIDE),
    selfServiceDirectories: selfService,
    poolIds: found.poolIds,
  };
}

function countsOf({ rows, outside, onBundle, online }: Findings): PlanSummary['counts'] {
  const going = rows.filter(isGoing);
  return {
    selected: rows.length,
    eligible: rows.filter((row) => row.verdict === 'eligible').length,
    later: rows.filter((row) => row.verdict === 'later').length,
    skipped: rows.length - going.length,
    migrated: going.filter((row) => row.action === 'migrate').length,
    onBundle,
    outsideSelection: outside.length,
    withoutWarning: going.filter((row) => !online.has(bareName(row.computerName))).length,
    dueTooLate: rows.filter((row) => row.dueTooLate).length,
  };
}

function waveSizes({ rows, waves }: Findings): number[] {
  const sizes = Array.from({ length: waves }, () => 0);
  for (const { wave } of rows) if (wave !== null) sizes[wave] = (sizes[wave] ?? 0) + 1;
  return sizes;
}

function rollbackOf({ imageId }: ImageUpgradeInput, { bundle, present }: Findings): PlanSummary['rollback'] {
  const not = (why: string) => ({ possible: false, why });
  const previous = bundle?.imageId ?? null;
  if (previous === null) return not('the image that the bundle carries is not known');
  if (previous === imageId) return not(`the bundle carries ${imageId} already: there is no image to go back to`);
  if (!present) return not(`the bundle’s present image ${previous} does not exist any more`);
  if (present.state !== 'AVAILABLE') return not(`the bundle’s present image ${previous} is ${present.state}`);
  return { possible: true, why: null };
}

function notesOf(
  input: ImageUpgradeInput,
  { counts, rollback, selfService }: Pick<PlanSummary, 'counts' | 'rollback'> & Pick<Findings, 'selfService'>,
): string[] {
  const { bundleId, warnings, waitTimeoutMinutes } = input;
  const warned = warnings.leadSeconds.length > 0;
  const unheard = warnings.requireDelivery ? 'are not warned, and not upgraded' : 'get no warning';
  const notes: readonly (readonly [holds: boolean, text: string])[] = [
    [!rollback.possible, `rollback is impossible: ${rollback.why ?? ''}`],
    [
      counts.outsideSelection > 0,
      `${counts.outsideSelection} WorkSpaces are on ${bundleId} outside the selection: not touched, but they get the new image when anyone rebuilds them`,
    ],
    [
      counts.migrated > 0,
      `${counts.migrated} WorkSpaces are migrated from another bundle: each becomes a new WorkSpace with another id, computer name and address`,
    ],
    [
      selfService.length > 0,
      `users of ${selfService.join(', ')} may rebuild their WorkSpaces themselves, and then get the new image at once`,
    ],
    [!warned, 'no user is warned: no warning was asked for'],
    [
      warned && counts.withoutWarning > 0,
      `${counts.withoutWarning} users ${unheard}: no SSM agent of that computer name is online (AWS wants the agent off before an image is made)`,
    ],
    [
      counts.dueTooLate > 0,
      `${counts.dueTooLate} WorkSpaces have their next snapshot due only after the wait of ${waitTimeoutMinutes} minutes and would time out`,
    ],
  ];
  return notes.filter(([holds]) => holds).map(([, text]) => text);
}
