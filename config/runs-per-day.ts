/** How often a backup policy runs by the schedules of the file. */
import { asRunsPerDay } from '../domain/backup-input.ts';
import { BACKUP_DEFAULTS } from '../domain/image-backup.ts';
import { timesOf } from '../domain/schedule-times.ts';
import type { Config, ScheduleEntry } from './config.ts';

/** Always the same days, so that the same file always says the same; two months, so that one run a month is one. */
const FROM = new Date('2028-01-01T00:00:00Z');
const DAYS = 62;
const UNTIL = new Date(FROM.getTime() + DAYS * 86_400_000);

/** @param config without problems: what is wrong with a schedule may make it one that never ends */
export const withRuns = (config: Config): Config => ({
  ...config,
  imageBackup: Object.fromEntries(
    Object.entries(config.imageBackup).map(([name, input]) => [
      name,
      { ...input, runsPerDay: runsPerDayOf(name, Object.values(config.schedules)) },
    ]),
  ),
});

function runsPerDayOf(policy: string, schedules: readonly ScheduleEntry[]): number {
  const its = schedules.filter(({ starts }) => starts.capability === 'imageBackup' && starts.policy === policy);
  if (its.length === 0) return BACKUP_DEFAULTS.runsPerDay;
  const times = its.flatMap(({ spec, timeZone }) => {
    // Each year is taken for one in which it runs.
    const calendars = spec.calendars.map((calendar) => ({ ...calendar, year: [] }));
    return timesOf({ ...spec, calendars }, timeZone, FROM, UNTIL);
  });
  return asRunsPerDay(times.length / DAYS);
}
