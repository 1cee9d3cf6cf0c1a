/** What a run removes when it has ended. */
import type { ImageUpgradeInput } from '../domain/image-upgrade.ts';
import { quickCalls } from './activities.ts';
import { troubleOf } from './failures.ts';

/** Each only when asked for; what cannot be removed is told, and fails nothing. */
export async function tidyUp({ target, afterwards }: ImageUpgradeInput): Promise<string[]> {
  const { deleteScheduleId, deleteStackName } = afterwards;
  const done: string[] = [];
  const attempt = async (what: string, remove: () => Promise<void>): Promise<void> => {
    try {
      await remove();
      done.push(`${what} was deleted`);
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble) throw error;
      done.push(`${what} could not be deleted: ${trouble.message}`);
    }
  };
  if (deleteScheduleId !== null) {
    await attempt(`schedule ${deleteScheduleId}`, () => quickCalls.deleteSchedule({ scheduleId: deleteScheduleId }));
  }
  if (deleteStackName !== null) {
    await attempt(`stack ${deleteStackName}`, () => quickCalls.deleteStack({ target, stackName: deleteStackName }));
  }
  return done;
}
