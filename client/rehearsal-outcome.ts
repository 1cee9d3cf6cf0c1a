/** What came of a rehearsal. */
import type { ImageUpgradeInput, Outcome } from '../domain/image-upgrade.ts';
import type { PlanRow } from '../domain/upgrade-plan.ts';
import { reasonText } from '../report/reason-text.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { mostRebuildingAtOnce } from '../sandbox/services/workspaces/ground-truth.ts';
import type { ImageUpgradeResult, ImageUpgradeStatus } from '../workflows/image-upgrade.messages.ts';
import type { UpgradeView } from './upgrade-run.ts';

/** Times are the sandbox's, ISO: as if the run had begun when the fleet was read. */
export interface RehearsalOutcome {
  readonly outcome: ImageUpgradeResult['outcome'];
  /** Why the copy was refused; empty: it was not. */
  readonly problems: readonly string[];
  /** What a person would have been waited for, where the rehearsal ended; null: nobody. */
  readonly waitedFor: string | null;
  readonly counts: ImageUpgradeResult['counts'];
  readonly beganAt: string | null;
  readonly endedAt: string | null;
  readonly waves: ImageUpgradeStatus['waveTimes'];
  readonly mostRebuildingAtOnce: number;
  /** By `service:Operation`. */
  readonly calls: Readonly<Record<string, number>>;
  readonly workspaces: readonly RehearsedWorkspace[];
}

export interface RehearsedWorkspace {
  readonly workspaceId: string;
  readonly computerName: string;
  readonly userName: string;
  readonly outcome: Outcome | null;
  /** In a sentence; empty: none. */
  readonly reason: string;
  readonly rebuildRequestedAt: string | null;
  readonly rebuildConfirmedAt: string | null;
}

export interface Ended {
  readonly input: ImageUpgradeInput;
  readonly view: UpgradeView;
  readonly result: ImageUpgradeResult;
  readonly waitedFor: string | null;
  /** Who the plan had left out. */
  readonly leftOut: readonly PlanRow[];
}

export function outcomeOf(sandbox: Sandbox, { input, view, result, waitedFor, leftOut }: Ended): RehearsalOutcome {
  const place = { world: sandbox.world, ...input.target };
  return {
    outcome: result.outcome,
    problems: result.plan.problems.map(({ message }) => message),
    waitedFor,
    counts: result.counts,
    beganAt: view.status.startedAt,
    endedAt: view.now,
    waves: wavesOf(view, waitedFor),
    mostRebuildingAtOnce: mostRebuildingAtOnce(place),
    calls: sandbox.recorder.countsByOperation(),
    workspaces: [...view.rows.map(workspaceOf), ...leftOut.map(leftOutOf)],
  };
}

/** The last wave ends with the run, unless it is a person that ends it. */
function wavesOf({ status, now }: UpgradeView, waitedFor: string | null): RehearsalOutcome['waves'] {
  const last = status.waveTimes.length - 1;
  return status.waveTimes.map((wave, index) =>
    index === last && waitedFor === null ? { ...wave, endedAt: wave.endedAt ?? now } : wave,
  );
}

const workspaceOf = (row: UpgradeView['rows'][number]): RehearsedWorkspace => {
  const { workspaceId, computerName, userName, outcome, rebuildRequestedAt, rebuildConfirmedAt } = row;
  // Nobody but the rehearsal itself aborts.
  const reason = outcome === 'aborted' ? '' : reasonText(row);
  return { workspaceId, computerName, userName, outcome, reason, rebuildRequestedAt, rebuildConfirmedAt };
};

const leftOutOf = (row: PlanRow): RehearsedWorkspace => {
  const { workspaceId, computerName, userName } = row;
  const never = { rebuildRequestedAt: null, rebuildConfirmedAt: null };
  return { workspaceId, computerName, userName, outcome: 'skipped', reason: reasonText(row), ...never };
};
