/** What a person can do when AWS does not make the WorkSpace that takes another one's place. */

export interface Remedy {
  /** A person must act; otherwise it may pass by itself. */
  readonly person: boolean;
  readonly remedy: string;
}

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/LimitExceeded|Quota/, 'ask AWS for a higher quota of WorkSpaces, or terminate one that nobody needs'],
  [/AccessDenied|Unauthorized/, 'give the worker’s role workspaces:CreateWorkspaces, and the use of the volumes’ key'],
  [/ResourceNotFound\.Directory/, 'register the directory with WorkSpaces again'],
  [/User/, 'bring the user back in the directory, under the same name'],
  [/Subnet|IpAddress|Capacity|Availability/i, 'free addresses in the directory’s subnets, or wait until AWS has room'],
  [/KMS|Key/, 'enable the volumes’ encryption key, and let the worker’s role use it'],
  [/otherDesktop/, 'the user has another WorkSpace: have it removed, or abort this run where that one is to stay'],
];
const PASSING = /Throttl|TooManyRequests|Unavailable|Internal|Timeout|OperationInProgress|ResourceExists/;

/** What a person needs to make the WorkSpace by hand. */
export interface WantedDesktop {
  readonly userName: string;
  readonly directoryId: string;
  readonly imageId: string | null;
}

export function creationRemedy(code: string, { userName, directoryId, imageId }: WantedDesktop): Remedy {
  const byHand = `; or make one by hand, for ${userName} in ${directoryId} on a bundle of ${imageId ?? 'the image'}, and abort this run`;
  const found = REMEDIES.find(([pattern]) => pattern.test(code));
  if (found) return { person: true, remedy: `${found[1]}${code === 'otherDesktop' ? '' : byHand}` };
  if (PASSING.test(code)) return { person: false, remedy: 'nothing: it is tried again' };
  return { person: true, remedy: `see what AWS says of ${code}${byHand}` };
}
