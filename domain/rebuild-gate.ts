/** The last look before a rebuild: may it begin? Nothing is rebuilt that did not pass here, on what AWS just showed. */
import type { ImageUpgradeInput, Outcome, Reason } from './image-upgrade.ts';
import type { Row } from './upgrade-row.ts';
import { lossWindow, mayBeConnected, newest, type Connection } from './snapshots.ts';
import { isGone, isMigratable, isRebuildable } from './workspace-states.ts';

/** A WorkSpace as DescribeWorkspaces shows it; what AWS leaves out is empty or null. */
export interface Desktop {
  readonly workspaceId: string;
  readonly state: string;
  readonly bundleId: string;
  readonly ipAddress: string | null;
  readonly errorCode: string | null;
}

export interface Bundle {
  readonly bundleId: string;
  readonly name: string;
  readonly state: string;
  readonly imageId: string | null;
  readonly ownerAccount: string | null;
  /** AWS's LastUpdatedTime: it moves whenever the bundle is set to an image. */
  readonly updatedAt: string | null;
}

export interface LastLook {
  /** AWS's time of the looks, epoch milliseconds. */
  readonly now: number;
  /** Null: AWS does not show it any more. */
  readonly desktop: Desktop | null;
  readonly tagMatches: boolean;
  readonly bundle: Bundle | null;
  readonly snapshots: readonly string[];
  readonly connection: Connection;
}

export type Verdict =
  | {
      readonly verdict: 'rebuild';
      readonly freshSnapshot: string;
      readonly ipBefore: string | null;
      readonly stateBefore: string;
      readonly bundleUpdatedAt: string | null;
      readonly dataLossWindowSeconds: number | null;
    }
  /** Its user is connected, and is waited for. */
  | { readonly verdict: 'waitForUser' }
  /** It may not be rebuilt now; in that state, or with that snapshot, later. */
  | { readonly verdict: 'waitForState'; readonly because: Reason }
  | { readonly verdict: 'waitForSnapshot'; readonly newerThan: string | null; readonly because: Reason }
  | { readonly verdict: 'end'; readonly outcome: Outcome; readonly reason: Reason };

const skip = (reason: Reason): Verdict => ({ verdict: 'end', outcome: 'skipped', reason });

type Settings = Pick<ImageUpgradeInput, 'bundleId' | 'imageId' | 'maxDataLossSeconds' | 'connectedUsers'>;
type JudgedRow = Pick<Row, 'freshSnapshot' | 'action' | 'bundleId' | 'userWaitEndsAt'>;

export function judge(settings: Settings, row: JudgedRow, look: LastLook): Verdict {
  const { desktop, bundle } = look;
  if (!desktop || isGone(desktop.state)) return skip({ code: 'gone' });
  if (!look.tagMatches) return skip({ code: 'tagGone' });
  // What is to be migrated is where it was when the run began.
  const expected = row.action === 'migrate' ? row.bundleId : settings.bundleId;
  if (desktop.bundleId !== expected) return skip({ code: 'otherBundle', detail: desktop.bundleId });
  if (!bundle || bundle.imageId !== settings.imageId) {
    return skip({ code: 'bundleChanged', detail: bundle?.imageId ?? 'the bundle is gone' });
  }
  if (bundle.state !== 'AVAILABLE') {
    return { verdict: 'waitForState', because: { code: 'bundleNotAvailable', detail: bundle.state } };
  }
  if (!(row.action === 'migrate' ? isMigratable : isRebuildable)(desktop.state)) {
    return { verdict: 'waitForState', because: { code: 'notRebuildable', detail: desktop.state } };
  }
  return judgeUser(settings, row, look, desktop) ?? judgeSnapshot(settings, row, look, desktop, bundle);
}

/** Null: nobody is connected, or that does not matter (any more). */
function judgeUser({ connectedUsers }: Settings, row: JudgedRow, look: LastLook, desktop: Desktop): Verdict | null {
  const { policy, afterWait } = connectedUsers;
  if (policy === 'proceed' || !mayBeConnected(look.connection, desktop.state)) return null;
  const isOver = row.userWaitEndsAt !== null && Date.parse(row.userWaitEndsAt) <= look.now;
  if (policy === 'wait' && !isOver) return { verdict: 'waitForUser' };
  if (policy === 'wait' && afterWait === 'proceed') return null;
  return skip({ code: 'userConnected', detail: look.connection.state });
}

function judgeSnapshot(settings: Settings, row: JudgedRow, look: LastLook, desktop: Desktop, bundle: Bundle): Verdict {
  const snapshot = newest(look.snapshots);
  // A later one than the one waited for holds more of the user's work; an earlier one means that ours is gone.
  if (!snapshot || (row.freshSnapshot && Date.parse(snapshot) < Date.parse(row.freshSnapshot))) {
    return { verdict: 'waitForSnapshot', newerThan: snapshot, because: { code: 'noFreshSnapshot' } };
  }
  const loss = lossWindow(snapshot, look.connection, desktop.state, look.now);
  const seconds = loss === null ? null : Math.ceil(loss / 1000);
  // An unknown loss is not a small one.
  if (settings.maxDataLossSeconds !== null && (seconds ?? Infinity) > settings.maxDataLossSeconds) {
    const detail = seconds === null ? 'AWS does not say when its user was last connected' : `${seconds} seconds`;
    return { verdict: 'waitForSnapshot', newerThan: snapshot, because: { code: 'dataLoss', detail } };
  }
  return {
    verdict: 'rebuild',
    freshSnapshot: snapshot,
    ipBefore: desktop.ipAddress,
    stateBefore: desktop.state,
    bundleUpdatedAt: bundle.updatedAt,
    dataLossWindowSeconds: seconds,
  };
}
