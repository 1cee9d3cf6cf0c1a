/** Schedules on the real Temporal server, as the file would declare them. They run in real time: tests trigger them. */
import type { Client, ScheduleHandle } from '@temporalio/client';
import type { Config, ScheduleEntry } from '../../config/index.ts';
import { desiredSchedules } from '../../client/schedules/desired.ts';
import { differenceTo } from '../../client/schedules/difference.ts';
import { makeSo, readSchedules } from '../../client/schedules/server.ts';
import type { ImageUpgradeInput } from '../../domain/image-upgrade.ts';
import { target, upgradeInput, waitUntil } from './upgrade.ts';

/** Never due while a test runs. */
const YEARLY = { calendars: [], intervals: [{ everySeconds: 365 * 86_400, offsetSeconds: 0 }] };

export const upgradeEntry = (name: string, changes: Partial<ScheduleEntry> = {}): ScheduleEntry => ({
  name,
  starts: { capability: 'imageUpgrade', policy: 'fleet', target },
  spec: YEARLY,
  timeZone: 'UTC',
  overlap: 'skip',
  catchUpSeconds: 3_600,
  jitterSeconds: 0,
  paused: false,
  note: null,
  ...changes,
});

export const configOf = (
  entries: readonly ScheduleEntry[],
  { input = upgradeInput(), ...changes }: Partial<Config> & { readonly input?: ImageUpgradeInput } = {},
): Config => ({
  name: null,
  accounts: [],
  targets: [target],
  imageBackup: {},
  imageUpgrade: { fleet: input },
  custody: {},
  restoreTest: {},
  schedules: Object.fromEntries(entries.map((entry) => [entry.name, entry])),
  watchdog: { everySeconds: 365 * 86_400, operatorTopicArn: null },
  intake: { queues: [] },
  ...changes,
});

/** Makes the schedules match, as `schedules apply` does; what was done, by schedule. */
export async function applyConfig(client: Client, config: Config): Promise<Record<string, string>> {
  const desired = desiredSchedules(config, 'holdfast.yaml');
  const { changes } = await differenceTo(client, desired);
  for (const change of changes) await makeSo(client, change, desired);
  return Object.fromEntries(changes.map(({ name, what }) => [name, what]));
}

/** Triggers it by its own overlap policy, and waits until its next run has begun. */
export async function triggered(client: Client, schedule: ScheduleHandle) {
  const { policies, info } = await schedule.describe();
  await schedule.trigger(policies.overlap);
  await waitUntil(
    `${schedule.scheduleId} has started`,
    async () => (await schedule.describe()).info.numActionsTaken > info.numActionsTaken,
  );
  const { recentActions } = (await schedule.describe()).info;
  const { workflowId, firstExecutionRunId } = recentActions.at(-1)!.action.workflow;
  return client.workflow.getHandle(workflowId, firstExecutionRunId);
}

/** All of ours, so that the next test begins without. */
export async function deleteSchedules(client: Client): Promise<void> {
  const { ours } = await readSchedules(client);
  await Promise.all(ours.map(({ scheduleId }) => client.schedule.getHandle(scheduleId).delete()));
}
