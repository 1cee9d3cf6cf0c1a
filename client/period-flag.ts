/** `90d`, `12w`, `1y`: a time by the calendar. */
import { InvalidArgumentError } from 'commander';

export interface Period {
  readonly after: (from: Date) => Date;
}

/** For commander. */
export function parsePeriod(value: string): Period {
  const [, digits, unit] = /^(\d{1,4})([dwy])$/.exec(value) ?? [];
  const count = Number(digits);
  const isTooLong = count * ({ d: 1, w: 7, y: 366 }[unit ?? 'd'] ?? 1) > 3_660;
  if (!(count > 0) || isTooLong)
    throw new InvalidArgumentError('give days, weeks or years up to 10y, such as 90d, 12w or 1y');
  return {
    after(from) {
      const until = new Date(from);
      if (unit === 'y') until.setUTCFullYear(until.getUTCFullYear() + count);
      else until.setUTCDate(until.getUTCDate() + count * (unit === 'w' ? 7 : 1));
      return until;
    },
  };
}
