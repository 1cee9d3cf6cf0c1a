/** Deletes what a restore test has made, for as long as it takes: nothing of it must stay and cost. */
import { sleep, upsertSearchAttributes } from '@temporalio/workflow';
import type { RestoreTestInput } from '../domain/restore-test.ts';
import { restoreTestCalls, restoreWatches } from './restore-test-activities.ts';
import type { RestoreTestState } from './custody-restore-test.messages.ts';
import { troubleOf } from './failures.ts';
import { toldByTopic } from './operators.ts';

const SOON = 20_000;
const LATEST = 3_600_000;
/** From this try on, after some hours, it is tried every hour, and a person is told. */
const HOURLY = 20;
/** A month of tries, an hour apart; then only a person is left. */
const MOST_TRIES = 750;

/** A restore cannot be stopped: it is followed to its end, as what it makes shows only then. */
export async function cleanUp(input: RestoreTestInput, state: RestoreTestState): Promise<void> {
  if (state.jobId === null) return;
  state.phase = 'cleaningUp';
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    try {
      if (await isRemoved(input, state, state.jobId)) {
        if (state.leftBehind !== null) upsertSearchAttributes({ HoldfastHealth: ['ok'] });
        state.leftBehind = null;
        return;
      }
      if (tries >= HOURLY)
        await tellFirst(input, state, 'AWS took its deletion, or was busy with it, and it is still there');
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      await tellFirst(input, state, trouble.message);
    }
    await sleep(Math.min(Math.round(SOON * 1.3 ** Math.min(tries, 30)), LATEST));
  }
}

async function isRemoved(input: RestoreTestInput, state: RestoreTestState, jobId: string): Promise<boolean> {
  const { vault: target, resourceType } = input;
  const job = await restoreWatches.awaitRestore({ target, jobId, deadlineAt: null });
  state.restoredArn ??= job.createdArn;
  const pointArn = state.point?.arn ?? '';
  return (await restoreTestCalls.removeRestored({ target, resourceType, jobId, pointArn, name: state.name })).gone;
}

/** Once: a person has to look, and it goes on trying. */
export async function tellFirst(input: RestoreTestInput, state: RestoreTestState, trouble: string): Promise<void> {
  const isNew = state.leftBehind === null;
  state.leftBehind = trouble;
  if (!isNew) return;
  upsertSearchAttributes({ HoldfastHealth: ['blocked'] });
  const what = state.restoredArn ?? `what restore job ${state.jobId ?? ''} has made`;
  await toldByTopic(
    input.operatorTopicArn,
    'A restore test cannot delete what it has restored',
    `${what} in ${input.vault.account}/${input.vault.region} stays and costs: ${trouble}. It is tried again every hour.`,
  );
}
