import assert from 'node:assert/strict';
import { GetServiceQuotaCommand, ListServiceQuotasCommand } from '@aws-sdk/client-service-quotas';
import { refused, startPaused } from './paused.ts';
import type { Paused } from './paused.ts';

const IMAGES = 'L-18CE281C';

describe('sandbox: Service Quotas', () => {
  let paused: Paused;
  before(async () => {
    paused = await startPaused(1);
  });
  after(() => paused.close());

  const get = (ServiceCode: string, QuotaCode: string) =>
    paused.quotas.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }));
  const list = (ServiceCode: string, page: { MaxResults?: number; NextToken?: string } = {}) =>
    paused.quotas.send(new ListServiceQuotasCommand({ ServiceCode, ...page }));

  it('gives the images that an account may have in the Region: 40 until more were granted', async () => {
    const { Quota } = await get('workspaces', IMAGES);
    assert.deepEqual([Quota?.QuotaName, Quota?.Value, Quota?.Adjustable], ['Images', 40, true]);
    paused.settings({ imageQuota: 1200 });
    assert.equal((await get('workspaces', IMAGES)).Quota?.Value, 1200);
  });

  it('lists by page', async () => {
    const first = await list('workspaces', { MaxResults: 1 });
    const NextToken = first.NextToken ?? assert.fail('no token');
    const second = await list('workspaces', { MaxResults: 1, NextToken });
    const names = [first, second].map(({ Quotas }) => Quotas?.[0]?.QuotaName);
    assert.deepEqual(names, ['Images', 'WorkSpaces']);
    await refused(list('workspaces', { NextToken: 'bm9uc2Vuc2U=' }), 'InvalidPaginationTokenException');
  });

  it('refuses services and quotas that it does not have', async () => {
    await refused(get('workspaces', 'L-00000000'), 'NoSuchResourceException');
    await refused(get('ec2', IMAGES), 'NoSuchResourceException');
    await refused(list('ec2'), 'NoSuchResourceException');
  });
});
