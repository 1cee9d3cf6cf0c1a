/** What a sweep has to tell operators: what has become more, or failed anew, since they were told last. */
import type { CustodySweepResult, NeedyCustodies, ToldOfSweeps } from './custody-sweep.ts';

export interface SweepDigest {
  readonly subject: string;
  readonly message: string;
}

/** So many failures are told with their causes. */
const MOST_TOLD = 20;

/** What operators know once they have read it. */
export const toldOf = ({ counts, failures }: Swept, { blocked, overdue }: NeedyCustodies): ToldOfSweeps => ({
  blocked,
  overdue,
  copyGone: counts.copyGone,
  failedAt: [...new Set(failures.map(({ where }) => where))],
});

type Swept = Pick<CustodySweepResult, 'counts' | 'failures'>;

/** Null: nothing is new. */
export function digestOf(
  policy: string,
  swept: Swept,
  needy: NeedyCustodies,
  before: ToldOfSweeps,
): SweepDigest | null {
  const { blocked, overdue, copyGone } = toldOf(swept, needy);
  const lines = [
    ...risen(blocked, before.blocked, 'blocked: holdfast custody list --health blocked'),
    ...risen(overdue, before.overdue, 'overdue: holdfast custody list --health overdue'),
    ...gone(copyGone, before.copyGone),
    ...failed(swept, before),
  ];
  if (lines.length === 0) return null;
  return { subject: `Holdfast's custody ${policy}: ${lines.length} to look at`, message: lines.join('\n') };
}

const risen = (now: number, before: number, what: string): string[] =>
  now > before ? [`${now} ${now === 1 ? 'custody is' : 'custodies are'} ${what} (${before} before)`] : [];

const gone = (now: number, before: number): string[] =>
  now > before
    ? [
        `${now} ${now === 1 ? 'copy of a settled recovery point is' : 'copies of settled recovery points are'} not where ` +
          `they were verified (${before} before): holdfast custody reconcile --full --wait names them`,
      ]
    : [];

function failed({ failures }: Swept, before: ToldOfSweeps): string[] {
  const fresh = failures.filter(({ where }) => !before.failedAt.includes(where));
  const told = fresh.slice(0, MOST_TOLD).map(({ where, why }) => `${where} could not be looked at: ${why}`);
  return fresh.length > MOST_TOLD ? [...told, `and ${fresh.length - MOST_TOLD} more`] : told;
}
