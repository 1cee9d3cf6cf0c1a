/** The tags on what Holdfast makes in AWS, so that it can be found, explained and swept. */

/** Workflow id of the run that made it. */
export const RUN_TAG = 'holdfast:run';
/** `imageBackup`, `imageRestore`, … */
export const CAPABILITY_TAG = 'holdfast:capability';
/** The WorkSpace that an image was made of, or that a restore bundle is for: `ws-…`. */
export const WORKSPACE_TAG = 'holdfast:workspace';
/** That WorkSpace's user, as `<directory id>/<user name>`: a WorkSpace's id changes when it is migrated or made anew. */
export const USER_TAG = 'holdfast:user';
/** The backup policy by which an image was made. */
export const POLICY_TAG = 'holdfast:policy';
/** No retention of Holdfast's deletes what carries it; the value says why. */
export const KEEP_TAG = 'holdfast:keep';
/** The old system's own, kept so that its reports go on working. */
export const AUTOMATED_BACKUP_TAG = 'AutomatedBackup';
export const CREATED_DATE_TAG = 'CreatedDate';

/** AWS takes letters, digits, spaces and `+ - = . _ : / @`. https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const NOT_IN_A_TAG = /[^\p{L}\p{N} +\-._:/@]/gu;

/** The value of `holdfast:user`. What AWS takes in no tag is written as `=` and its number: `O'Neil` is `O=27Neil`. */
export function userTag({
  directoryId,
  userName,
}: {
  readonly directoryId: string;
  readonly userName: string;
}): string {
  const numbered = (each: string): string => `=${each.codePointAt(0)?.toString(16) ?? ''}`;
  const value = `${directoryId}/${userName.replaceAll(NOT_IN_A_TAG, numbered)}`;
  return Array.from(value).slice(0, 255).join('');
}
