/** How many resources AWS takes in one call. */

/** DescribeWorkspaces and DescribeWorkspacesConnectionStatus. */
export const IDS_A_CALL = 25;
/** GetResources of the Resource Groups Tagging API, by ARN. */
export const TAGGED_A_CALL = 100;
/** DescribeWorkspaceImages, by id and by page. */
export const IMAGES_A_CALL = 25;
