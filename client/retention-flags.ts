/** A retention policy as flags. */
import { InvalidArgumentError, type Command } from 'commander';
import { BACKUP_DEFAULTS } from '../domain/image-backup.ts';
import type { RetentionPolicy } from '../domain/image-retention.ts';
import { wholeNumber } from './number-flag.ts';

export interface RetentionFlags {
  readonly days: number | null;
  readonly keepAtLeast: number;
  readonly keepDaily: number;
  readonly keepWeekly: number;
  readonly keepMonthly: number;
  readonly maxDeletePercent: number;
}

const { retention: DEFAULT } = BACKUP_DEFAULTS;
const images = wholeNumber(0, 1_000);
const daysOf = wholeNumber(1, 36_500);

function percent(value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && number >= 0 && number <= 100) return number;
  throw new InvalidArgumentError('give a number of percent from 0 to 100');
}

export const addRetentionFlags = (command: Command): Command =>
  command
    .optionsGroup('Which images stay (those that any of these keeps):')
    .option('--days <n>', 'images younger than so many days; none: not by their age', daysOrNone, DEFAULT.days)
    .option('--keep-at-least <n>', 'the newest n of each WorkSpace', images, DEFAULT.keepAtLeast)
    .option('--keep-daily <n>', 'the newest of each of the last n days that have one', images, DEFAULT.keepDaily)
    .option('--keep-weekly <n>', 'the newest of each of the last n weeks that have one', images, DEFAULT.keepWeekly)
    .option('--keep-monthly <n>', 'the newest of each of the last n months that have one', images, DEFAULT.keepMonthly)
    .option(
      '--max-delete-percent <n>',
      'delete none rather than a larger share of the policy’s images',
      percent,
      DEFAULT.maxDeletePercent,
    );

const daysOrNone = (value: string): number | null => (value === 'none' ? null : daysOf(value));

export const retentionOf = (flags: RetentionFlags): RetentionPolicy => ({
  // What a parser makes null, commander makes empty.
  days: flags.days || null,
  keepAtLeast: flags.keepAtLeast,
  keepDaily: flags.keepDaily,
  keepWeekly: flags.keepWeekly,
  keepMonthly: flags.keepMonthly,
  maxDeletePercent: flags.maxDeletePercent,
});
