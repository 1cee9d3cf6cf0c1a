/** One AWS account and Region: where calls are made, and what they are counted against. */
export interface Target {
  /** Twelve digits. */
  readonly account: string;
  /** As AWS writes it: `eu-central-1`. */
  readonly region: string;
}

/** `<account>/<region>`, as in workflow ids, task queues, flags and messages. */
export const targetName = ({ account, region }: Target): string => `${account}/${region}`;

/** Workflows, and activities whose calls AWS does not limit to a small rate. */
export const TASK_QUEUE = 'holdfast';

/** The rate-limited queue of one target's WorkSpaces calls; a worker polls it only for the targets it serves. */
export const workspacesTaskQueue = (target: Target): string => `holdfast-workspaces/${targetName(target)}`;
