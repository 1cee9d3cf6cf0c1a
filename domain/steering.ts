/** What people say to runs and are told by them, whatever those do. */

/** Who steers and why: both are told in the report. */
export interface By {
  readonly by: string | null;
  readonly reason: string | null;
}

/** The answer to every steering update: what came of it, in a sentence, as it stands in the report. */
export interface SteeringAnswer {
  readonly answer: string;
}

/** One thing that a person did while the run went on; a line of the report. */
export interface SteeringLine {
  /** AWS's time. */
  readonly at: string;
  /** `pause`, `resume`, `skip ws-…`, … */
  readonly what: string;
  /** Who says to have done it; null: nobody said. */
  readonly by: string | null;
  readonly reason: string | null;
  /** What came of it, in a sentence. */
  readonly answer: string;
}

export interface ReportFiles {
  /** `s3://bucket/key`. */
  readonly csv: string;
  readonly json: string;
}

/** One page of a run's or plan's rows. `of` is the number of all rows that match. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly of: number;
}

export interface PageRequest {
  readonly offset: number;
  readonly limit: number;
}
