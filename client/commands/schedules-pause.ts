/** `holdfast schedules pause`: nothing is started by a schedule until it is resumed; what runs goes on. */
import type { ScheduleHandle } from '@temporalio/client';
import type { Command } from 'commander';
import { appliedOf } from '../../domain/schedule-sight.ts';
import { scheduleNameOf } from '../../domain/schedules.ts';
import { print, printJson } from '../output.ts';
import { ourSchedule } from '../schedules/server.ts';
import { withTemporal } from '../temporal.ts';

interface Flags {
  readonly resume?: boolean;
  readonly reason?: string;
  readonly json?: boolean;
}

export function addSchedulesPause(schedules: Command): void {
  schedules
    .command('pause <name>')
    .description('start nothing by this schedule until it is resumed; what runs goes on')
    .option('--resume', 'end the pause')
    .option('--reason <text>', 'shown beside the schedule')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', EXAMPLE)
    .action(async (name: string, { resume = false, reason, json }: Flags) => {
      await withTemporal(async ({ client }) => {
        const { scheduleId, state, action } = await ourSchedule(client, name);
        const handle = client.schedule.getHandle(scheduleId);
        // Repeated, it gives another reason; what is not paused is not told to go on.
        if (!resume) await handle.pause(reason ?? 'paused by hand');
        else if (state.paused) await resumeAt(handle, reason ?? appliedOf(action.memo)?.note ?? '');
        if (json) printJson({ scheduleId, paused: !resume, changed: state.paused === resume });
        else print(answerOf(scheduleNameOf(scheduleId), resume, state.paused));
      });
    });
}

const EXAMPLE = `
Example:
  holdfast schedules pause nightly-golden --reason "image freeze until Monday"
  holdfast schedules pause nightly-golden --resume

Runs whose time passes during the pause are not made up for. The watchdog reminds of a pause after a day.`;

/** Temporal's own way always leaves a note, which would differ from the file. */
const resumeAt = async (handle: ScheduleHandle, note: string): Promise<void> =>
  await handle.update((schedule) => ({ ...schedule, state: { ...schedule.state, paused: false, note } }));

function answerOf(name: string, resume: boolean, wasPaused: boolean): string {
  if (resume) return wasPaused ? `Resumed ${name}` : `${name} is not paused: nothing to resume`;
  return wasPaused ? `${name} was paused already, and stays so` : `Paused ${name}`;
}
