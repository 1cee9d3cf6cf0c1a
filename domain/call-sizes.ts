/** How many resources AWS takes in one call. */

/** DescribeWorkspaces and DescribeWorkspacesConnectionStatus. */
export const IDS_A_CALL = 25;
/** GetResources of the Resource Groups Tagging API, by ARN. */
export const TAGGED_A_CALL = 100;
