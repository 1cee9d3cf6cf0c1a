/** Which image backups stay and which go, each with its reason. */

/**
 * An image stays when any part says so, and goes when none does. At least one part must be given: an empty policy is
 * refused, as it would delete everything.
 */
export interface RetentionPolicy {
  /** Images younger than so many days stay; null: none stays by its age. */
  readonly days: number | null;
  /** The newest of each WorkSpace stay. */
  readonly keepAtLeast: number;
  /** The newest image of each of the last so many days (weeks, months) that have one stays; days are UTC's, weeks begin on Monday. */
  readonly keepDaily: number;
  readonly keepWeekly: number;
  readonly keepMonthly: number;
  /** A run that would delete a larger share of the images it knows, in percent, deletes none. */
  readonly maxDeletePercent: number;
}

/** An image as retention sees it. */
export interface BackupImage {
  readonly imageId: string;
  readonly name: string;
  /** AWS's: AVAILABLE, PENDING or ERROR. */
  readonly state: string;
  readonly createdAt: string;
  /** Null: AWS does not say, or it was not read. */
  readonly tags: Readonly<Record<string, string>>;
  /** Bundles that carry it now. */
  readonly bundleIds: readonly string[];
  /** Accounts that it is shared with; null: not read. */
  readonly sharedWith: number | null;
}
