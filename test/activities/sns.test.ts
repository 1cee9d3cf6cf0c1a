import assert from 'node:assert/strict';
import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { createSnsActivities } from '../../activities/sns.ts';
import { WELL_KNOWN } from '../../sandbox/scenarios.ts';
import { publishedMessages } from '../../sandbox/services/sns.ts';
import { startPaused, type Paused } from '../sandbox/paused.ts';

const target = { account: WELL_KNOWN.account, region: WELL_KNOWN.region };
const { topicArn } = WELL_KNOWN;

describe('publish', () => {
  let paused: Paused;
  before(async () => {
    paused = await startPaused(1);
  });
  after(() => paused.close());

  const publish = async (subject: string): Promise<void> => {
    const context = { cancellationSignal: new AbortController().signal } as unknown as Context;
    const activities = createSnsActivities({ snsFor: () => paused.sns });
    await asyncLocalStorage.run(context, () => activities.publish({ target, topicArn, subject, message: 'Größe' }));
  };

  it('makes a subject one that AWS takes: ASCII, fewer than 100 characters, one line', async () => {
    await publish(`Wave 2 of Büro\nis held ${'x'.repeat(100)}`);
    const [sent] = publishedMessages(paused.fleet.place);
    assert.equal(sent?.subject, `Wave 2 of B?ro?is held ${'x'.repeat(76)}`);
    assert.equal(sent.message, 'Größe');
  });
});
