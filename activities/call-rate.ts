/** How often this worker has WorkSpaces called. An activity, as only a worker knows how it was started. */

export interface CallRateDeps {
  /** Calls a second per account and Region, all workers and runs together. */
  readonly callsPerSecond: number;
}

export const createCallRateActivities = ({ callsPerSecond }: CallRateDeps) => ({
  /** Tells the worker's rate of WorkSpaces calls; calls nobody, and repeating it changes nothing. */
  async callRate(): Promise<CallRateDeps> {
    return { callsPerSecond };
  },
});
