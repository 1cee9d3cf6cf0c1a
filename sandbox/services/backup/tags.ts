/** Tags of recovery points and vaults. Those of EBS and EC2 points are found by the ARN too, which names no account. */
import type { Call, Operation } from '../../service.ts';
import { invalidValue, notFound } from './errors.ts';
import { newestFirst } from './paging.ts';
import type { PageInput } from './paging.ts';
import { statusAt } from './point-state.ts';
import { points, vaultAt, vaults } from './rows.ts';

interface Tagged {
  tags: Record<string, string>;
}

function taggedBy(call: Call, arn: string, at: number): Tagged {
  const vault = vaultAt(arn);
  if (vault?.account === call.account && vault.region === call.region) {
    const found = vaults(call).get(vault.name);
    if (found) return found;
  }
  const point = points(call).get(arn);
  if (point && statusAt(call, point, at) !== undefined) return point;
  throw notFound(`Cannot find resource ${arn}.`);
}

function touch(call: Call): void {
  points(call).touch();
  vaults(call).touch();
}

const listTags: Operation = (input: PageInput & { ResourceArn: string }, call) => {
  const { tags } = taggedBy(call, input.ResourceArn, call.asOf);
  const { rows, NextToken } = newestFirst(call, 'ListTags', input, Object.entries(tags).toReversed(), () => true);
  return { Tags: Object.fromEntries(rows), NextToken };
};

const MOST_TAGS = 50;

const tagResource: Operation = ({ ResourceArn, Tags }: { ResourceArn: string; Tags: Record<string, string> }, call) => {
  const tagged = taggedBy(call, ResourceArn, call.now);
  const tags = { ...tagged.tags, ...Tags };
  if (Object.keys(Tags).some((key) => key.startsWith('aws:'))) throw invalidValue('Tag keys cannot begin with aws:');
  if (Object.keys(tags).length > MOST_TAGS) throw invalidValue(`A resource has ${MOST_TAGS} tags at the most`);
  tagged.tags = tags;
  touch(call);
  return {};
};

const untagResource: Operation = ({ ResourceArn, TagKeyList }: { ResourceArn: string; TagKeyList: string[] }, call) => {
  const tagged = taggedBy(call, ResourceArn, call.now);
  tagged.tags = Object.fromEntries(Object.entries(tagged.tags).filter(([key]) => !TagKeyList.includes(key)));
  touch(call);
  return {};
};

export const tagOperations = { ListTags: listTags, TagResource: tagResource, UntagResource: untagResource };
