/** Resource Groups Tagging API: the tags that the other services keep. */
import { AwsError } from '../service.ts';
import type { Call, Operation, Service } from '../service.ts';
import { paginate } from '../pagination.ts';
import { taggableType, taggedResources, tagsAt } from './workspaces/tags.ts';
import type { Tagged, Tags } from './workspaces/tags.ts';

const TOKEN_LIFETIME_MS = 15 * 60_000;
const PER_PAGE = 50;

interface Resource {
  readonly arn: string;
  /** As in filters: `workspaces:workspace`. */
  readonly type: string;
  readonly tags: Tags;
}

interface GetResourcesInput {
  readonly PaginationToken?: string;
  readonly TagFilters?: { readonly Key?: string; readonly Values?: readonly string[] }[];
  readonly ResourcesPerPage?: number;
  readonly TagsPerPage?: number;
  readonly ResourceTypeFilters?: readonly string[];
  readonly ResourceARNList?: readonly string[];
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);

/** Of what has tags, or once had some and now has none, that which exists. */
function existing(call: Call, candidates: readonly Tagged[]): Resource[] {
  return candidates.flatMap((tagged) => {
    const tags = tagsAt(tagged, call.asOf);
    const kind = tags && taggableType(call, tagged.resourceId);
    if (!kind) return [];
    const arn = `arn:aws:workspaces:${call.region}:${call.account}:${kind}/${tagged.resourceId}`;
    return [{ arn, type: `workspaces:${kind}`, tags }];
  });
}

/** What the ARNs name. */
function namedResources(call: Call, arns: ReadonlySet<string>): Resource[] {
  const ids = [...arns].map((arn) => arn.slice(arn.lastIndexOf('/') + 1));
  const tagged = ids.map((id) => taggedResources(call).get(id)).filter((one) => one !== undefined);
  return existing(call, tagged).filter(({ arn }) => arns.has(arn));
}

function checkInput(input: GetResourcesInput): void {
  const others = ['TagFilters', 'ResourceTypeFilters', 'ResourcesPerPage', 'TagsPerPage', 'PaginationToken'] as const;
  const alongside = others.find((name) => input[name] !== undefined);
  if (input.ResourceARNList && alongside) {
    throw invalid(`ResourceARNList and ${alongside} cannot be specified together.`);
  }
  const { ResourcesPerPage: perPage } = input;
  if (perPage !== undefined && (perPage < 1 || perPage > 100)) {
    throw invalid(`ResourcesPerPage must be from 1 to 100, got ${perPage}.`);
  }
}

/** Keys all have to match, of a key's values one; a key without values matches any. */
function fits(resource: Resource, { TagFilters = [], ResourceTypeFilters = [] }: GetResourcesInput): boolean {
  const typeFits = ResourceTypeFilters.some((type) => resource.type === type || resource.type.startsWith(`${type}:`));
  if (ResourceTypeFilters.length > 0 && !typeFits) return false;
  return TagFilters.every(({ Key = '', Values = [] }) => {
    const value = resource.tags[Key];
    return value !== undefined && (Values.length === 0 || Values.includes(value));
  });
}

const shown = ({ arn, tags }: Resource): object => ({
  ResourceARN: arn,
  Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
});

const getResources: Operation = (input: GetResourcesInput, call) => {
  checkInput(input);
  if (input.ResourceARNList) {
    const named = namedResources(call, new Set(input.ResourceARNList));
    return { PaginationToken: '', ResourceTagMappingList: named.map(shown) };
  }
  const { PaginationToken, ...parameters } = input;
  const found = paginate(
    {
      operation: 'GetResources',
      items: existing(call, taggedResources(call).values()).filter((resource) => fits(resource, input)),
      idOf: ({ arn }) => arn,
      pageSize: input.ResourcesPerPage ?? PER_PAGE,
      token: PaginationToken ? unwrap(PaginationToken, call) : undefined,
      parameters,
      invalidToken: () => invalid('The PaginationToken is not valid.'),
    },
    call,
  );
  // The last page has an empty token, not an absent one.
  const token = found.nextToken === undefined ? '' : wrap(found.nextToken, call);
  return { PaginationToken: token, ResourceTagMappingList: found.items.map(shown) };
};

// This service tells an expired token from a wrong one, so its tokens carry their own end.
const wrap = (token: string, call: Call): string =>
  Buffer.from(`${call.now + TOKEN_LIFETIME_MS}.${token}`).toString('base64');

function unwrap(wrapped: string, call: Call): string {
  const [, expires, token] = /^(\d+)\.(.+)$/.exec(Buffer.from(wrapped, 'base64').toString('utf8')) ?? [];
  if (token === undefined) throw invalid('The PaginationToken is not valid.');
  if (Number(expires) <= call.now) {
    throw new AwsError(
      'PaginationTokenExpiredException',
      'The PaginationToken has expired: it is valid for 15 minutes.',
    );
  }
  return token;
}

export const tagging: Service = { signingName: 'tagging', operations: { GetResources: getResources } };
