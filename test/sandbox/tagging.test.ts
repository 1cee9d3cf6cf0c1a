import assert from 'node:assert/strict';
import { GetResourcesCommand, type GetResourcesCommandInput } from '@aws-sdk/client-resource-groups-tagging-api';
import { CreateTagsCommand, DeleteTagsCommand } from '@aws-sdk/client-workspaces';
import { refused, startPaused } from './paused.ts';
import type { Paused } from './paused.ts';

describe('sandbox: GetResources', () => {
  let paused: Paused;
  beforeEach(async () => {
    paused = await startPaused(120, { outside: { otherBundle: 2, untagged: 3 } });
  });
  afterEach(() => paused.close());

  const get = (input: GetResourcesCommandInput) => paused.tagging.send(new GetResourcesCommand(input));
  const prod = { Key: 'Env', Values: ['Prod'] };
  const arnOf = (index: number) => `arn:aws:workspaces:eu-central-1:111122223333:workspace/${paused.id(index)}`;

  async function all(input: GetResourcesCommandInput): Promise<string[]> {
    const arns: string[] = [];
    let PaginationToken: string | undefined;
    do {
      const page = await get({ ...input, ResourcesPerPage: 100, ...(PaginationToken && { PaginationToken }) });
      arns.push(...(page.ResourceTagMappingList ?? []).map(({ ResourceARN }) => ResourceARN ?? ''));
      ({ PaginationToken } = page);
    } while (PaginationToken);
    return arns;
  }

  it('finds by tag every WorkSpace that has it, whatever its bundle, 100 a page', async () => {
    const first = await get({
      TagFilters: [prod],
      ResourceTypeFilters: ['workspaces:workspace'],
      ResourcesPerPage: 100,
    });
    assert.equal(first.ResourceTagMappingList?.length, 100);
    assert.equal(first.ResourceTagMappingList[0]?.ResourceARN, arnOf(0));
    assert.equal(first.ResourceTagMappingList[0].Tags?.find(({ Key }) => Key === 'Env')?.Value, 'Prod');
    assert.equal((await all({ TagFilters: [prod] })).length, 122);
  });

  it('has an empty token on the last page', async () => {
    assert.equal((await get({ ResourceARNList: [arnOf(0)] })).PaginationToken, '');
    assert.equal((await get({ TagFilters: [{ Key: 'Absent' }] })).PaginationToken, '');
  });

  it('wants all keys and one of a key’s values', async () => {
    const Tags = [{ Key: 'Owner', Value: 'it' }];
    await paused.workspaces.send(new CreateTagsCommand({ ResourceId: paused.id(3), Tags }));
    assert.deepEqual(await all({ TagFilters: [prod, { Key: 'Owner', Values: ['hr', 'it'] }] }), [arnOf(3)]);
    assert.deepEqual(await all({ TagFilters: [prod, { Key: 'Owner', Values: ['hr'] }] }), []);
    assert.deepEqual(await all({ TagFilters: [{ Key: 'Owner' }] }), [arnOf(3)]);
  });

  it('narrows by type, as a service or as one of its resources', async () => {
    const Tags = [{ Key: 'Env', Value: 'Prod' }];
    await paused.workspaces.send(new CreateTagsCommand({ ResourceId: 'wsb-0fleet0001', Tags }));
    assert.equal((await all({ TagFilters: [prod] })).length, 123);
    assert.equal((await all({ TagFilters: [prod], ResourceTypeFilters: ['workspaces:workspace'] })).length, 122);
    assert.equal((await all({ TagFilters: [prod], ResourceTypeFilters: ['workspaces'] })).length, 123);
    assert.equal((await all({ TagFilters: [prod], ResourceTypeFilters: ['s3'] })).length, 0);
  });

  it('still shows what had tags once, with none', async () => {
    const TagKeys = ['Env', 'Name'];
    await paused.workspaces.send(new DeleteTagsCommand({ ResourceId: paused.id(0), TagKeys }));
    const { ResourceTagMappingList } = await get({ ResourceARNList: [arnOf(0)] });
    assert.deepEqual(ResourceTagMappingList?.[0]?.Tags, []);
    assert.equal((await all({ TagFilters: [prod] })).includes(arnOf(0)), false);
  });

  it('leaves out unknown ARNs of a list, and refuses a list together with anything else', async () => {
    const unknown = 'arn:aws:workspaces:eu-central-1:111122223333:workspace/ws-000000000';
    const { ResourceTagMappingList } = await get({ ResourceARNList: [arnOf(0), unknown] });
    assert.equal(ResourceTagMappingList?.length, 1);
    const ResourceARNList = [arnOf(0)];
    await refused(get({ ResourceARNList, TagFilters: [prod] }), 'InvalidParameterException');
    await refused(get({ ResourceARNList, ResourceTypeFilters: ['workspaces'] }), 'InvalidParameterException');
    await refused(get({ ResourceARNList, ResourcesPerPage: 10 }), 'InvalidParameterException');
  });

  it('refuses more than 100 a page', async () => {
    await refused(get({ ResourcesPerPage: 101 }), 'InvalidParameterException');
  });

  it('tells a token that expired after 15 minutes from one that is wrong', async () => {
    const TagFilters = [prod];
    const { PaginationToken = '' } = await get({ TagFilters, ResourcesPerPage: 100 });
    paused.pass(14 * 60);
    await get({ TagFilters, ResourcesPerPage: 100, PaginationToken });
    await refused(get({ ResourcesPerPage: 100, PaginationToken }), 'InvalidParameterException');
    await refused(get({ TagFilters, PaginationToken: 'bm9uc2Vuc2U=' }), 'InvalidParameterException');
    paused.pass(2 * 60);
    const late = get({ TagFilters, ResourcesPerPage: 100, PaginationToken });
    await refused(late, 'PaginationTokenExpiredException');
  });
});
