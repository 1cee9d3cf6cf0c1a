/**
 * WorkSpaces calls a second per account and Region, all workers and runs together, unless a worker is told otherwise. AWS
 * allows 2; console, helpdesk and provisioning share them.
 * https://docs.aws.amazon.com/workspaces/latest/adminguide/amazon-workspaces-troubleshooting.html
 */
export const CALLS_PER_SECOND = 1.5;
