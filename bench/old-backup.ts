/** One night of the system that image backups replace, computed from what its source does: it is not run. */

interface Night {
  readonly workspaces: number;
  /** In the Region before it. */
  readonly images: number;
  readonly quota: number;
  /** How long each image takes. */
  readonly minutes: readonly number[];
}

interface OldNight {
  readonly callsEach: number;
  readonly without: number;
  readonly mostAtOnce: number;
  readonly minutes: number;
}

/** AWS lets through two calls a second after a burst of five. */
const CALLS_PER_SECOND = 2;
const BURST = 5;
const LIMIT_SECONDS = 300;
const IDS_A_PAGE = 25;

/**
 * A function that may take five minutes lists the WorkSpaces, reads the tags of each by a call of its own, has an image made
 * of each at once and waits for none. It deletes nothing, as it looks for tags where AWS gives none; so the quota fills up.
 */
export function nightOfOldSystem({ workspaces, images, quota, minutes }: Night): OldNight {
  const listing = Math.ceil(workspaces / IDS_A_PAGE);
  const callsInTime = LIMIT_SECONDS * CALLS_PER_SECOND + BURST;
  const reached = Math.min(workspaces, Math.floor((callsInTime - listing) / 2));
  const made = Math.min(reached, Math.max(0, quota - images));
  const calledAt = (index: number): number => Math.max(0, listing + 2 * (index + 1) - BURST) / CALLS_PER_SECOND / 60;
  const ends = minutes.slice(0, made).map((each, index) => ({ from: calledAt(index), to: calledAt(index) + each }));
  return {
    callsEach: (listing + 2 * reached) / reached,
    without: workspaces - made,
    mostAtOnce: Math.max(
      0,
      ...ends.map(({ from }) => ends.filter((each) => each.from <= from && from < each.to).length),
    ),
    minutes: Math.max(0, ...ends.map(({ to }) => to)),
  };
}
