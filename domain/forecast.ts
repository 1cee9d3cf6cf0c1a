/** What a plan will take: times, AWS calls and money. Estimates for people; nothing is decided by them. */

export interface Forecast {
  /** AWS's times, ISO: when the last WorkSpace may be done, and each wave. */
  readonly finish: string;
  readonly waves: readonly string[];
  /** What decides the finish: the snapshots, the cap, the waves' soak and windows, or AWS's call rate. */
  readonly decidedBy: 'snapshots' | 'cap' | 'waves' | 'windows' | 'callRate';
  /** Calls by service: `workspaces`, `ssm`, `s3`, … */
  readonly calls: Readonly<Record<string, number>>;
  readonly cost: {
    readonly amount: number;
    readonly currency: string;
    /** The date of the price file. */
    readonly pricesOf: string;
  };
  /** What all this rests on, a sentence each. */
  readonly assumptions: readonly string[];
}
