/** Tags of WorkSpaces, directories, bundles and images: one truth for this service and the tagging API. */
import { AwsError } from '../../service.ts';
import type { Call, Operation } from '../../service.ts';
import { seenDesktop } from './desktops.ts';
import { isThere } from './lifetime.ts';
import { bundles, directories, images } from './rows.ts';
import type { Bundle, Image, Place } from './rows.ts';

const MOST_TAGS = 50;

export type Tags = Readonly<Record<string, string>>;

export interface Tagged {
  readonly resourceId: string;
  /** All tags since each change, in order of time. */
  readonly log: { readonly at: number; readonly tags: Tags }[];
}

export const taggedResources = (place: Place) =>
  place.world.store.table<Tagged>(place.account, place.region, 'workspaces.tags');

/** The tags at that instant; undefined where there never were any. */
export function tagsAt(tagged: Tagged | undefined, at: number): Tags | undefined {
  return tagged?.log.findLast((change) => change.at <= at)?.tags;
}

/** Sets all tags of a resource. */
export function setTags(place: Place, resourceId: string, tags: Tags, at: number): void {
  const table = taggedResources(place);
  const log = table.get(resourceId)?.log ?? [];
  table.set(resourceId, { resourceId, log: [...log, { at, tags }] });
}

/** The part of an ARN that says what a resource is; undefined where it does not exist for this call. */
export function taggableType(call: Call, id: string): string | undefined {
  if (seenDesktop(call, id)) return 'workspace';
  if (directories(call).get(id)) return 'directory';
  if (isOwn(bundles(call).get(id), call)) return 'workspacebundle';
  if (isOwn(images(call).get(id), call)) return 'workspaceimage';
  return undefined;
}

const isOwn = (made: Bundle | Image | undefined, call: Call): boolean =>
  made?.owner === call.account && isThere(made, call.asOf);

interface TagGiven {
  readonly Key: string;
  readonly Value?: string;
}

/** The tags that something is made with, or that are added to those it has. */
export function tagsGiven(given: readonly TagGiven[] = [], before: Tags = {}): Tags {
  if (given.some(({ Key }) => Key.toLowerCase().startsWith('aws:'))) {
    throw new AwsError('InvalidParameterValuesException', 'Tag keys that begin with aws: are reserved.');
  }
  const tags: Tags = { ...before, ...Object.fromEntries(given.map(({ Key, Value }) => [Key, Value ?? ''])) };
  if (Object.keys(tags).length > MOST_TAGS) {
    throw new AwsError('ResourceLimitExceededException', `A resource can have ${MOST_TAGS} tags at most.`);
  }
  return tags;
}

function checkExists(call: Call, ResourceId: string): void {
  if (taggableType(call, ResourceId)) return;
  const message = `The resource ${ResourceId} could not be found.`;
  throw new AwsError('ResourceNotFoundException', message, 400, { ResourceId });
}

const describeTags: Operation = ({ ResourceId }: { ResourceId: string }, call) => {
  checkExists(call, ResourceId);
  const tags = tagsAt(taggedResources(call).get(ResourceId), call.asOf) ?? {};
  return { TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
};

const createTags: Operation = (input: { ResourceId: string; Tags: TagGiven[] }, call) => {
  checkExists(call, input.ResourceId);
  const before = tagsAt(taggedResources(call).get(input.ResourceId), call.now);
  setTags(call, input.ResourceId, tagsGiven(input.Tags, before), call.now);
  return {};
};

const deleteTags: Operation = (input: { ResourceId: string; TagKeys: string[] }, call) => {
  checkExists(call, input.ResourceId);
  const tags = tagsAt(taggedResources(call).get(input.ResourceId), call.now);
  if (!tags) return {};
  const left = Object.entries(tags).filter(([key]) => !input.TagKeys.includes(key));
  setTags(call, input.ResourceId, Object.fromEntries(left), call.now);
  return {};
};

export const tagOperations = { DescribeTags: describeTags, CreateTags: createTags, DeleteTags: deleteTags };
