/**
 * When Temporal's server finds a calendar to be due. It is followed step by step, as it has ways of its own in the nights in
 * which the clocks change: a time that they leave out has no run, and as they go back some times come twice, once an hour
 * late, or only in the second of the two hours that are called alike. `test/config/times.test.ts` asks the server itself.
 */
import { IANAZone } from 'luxon';
import { LAST_YEAR, type Calendar, type Range } from './calendar.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

/** A local day, by UTC's midnight of its date, and a time in it, which may be beyond its end. */
interface Place {
  readonly date: number;
  readonly hour: number;
  readonly minute: number;
  /** It is in the second of two hours that are called alike. */
  readonly isSecond: boolean;
}

export class ZonedCalendar {
  readonly #calendar: Calendar;
  readonly #zone: IANAZone;

  constructor(calendar: Calendar, timeZone: string) {
    this.#calendar = calendar;
    this.#zone = IANAZone.create(timeZone);
  }

  /** The first time after that instant, which is a whole second; null: there is none. */
  next(after: number): number | null {
    const local = new Date(this.#localOf(after));
    const hour = local.getUTCHours();
    let place: Place = {
      date: Math.floor(local.getTime() / DAY) * DAY,
      hour,
      minute: local.getUTCMinutes() + 1,
      isSecond: this.#hourAt(after - HOUR) === hour,
    };
    for (;;) {
      place = this.#carried(place);
      if (new Date(place.date).getUTCFullYear() > LAST_YEAR) return null;
      const further = this.#beyond(place);
      if (further === null) return this.#instantOf(place) + (place.isSecond ? HOUR : 0);
      place = further;
    }
  }

  /** The place to go on from; null: it is due there. */
  #beyond({ date, hour, minute, isSecond }: Place): Place | null {
    if (!isOnDate(this.#calendar, date)) return { date: date + DAY, hour: 0, minute: 0, isSecond: false };
    if (!holds(this.#calendar.hour, hour)) return { date, hour: hour + 1, minute: 0, isSecond: false };
    if (!holds(this.#calendar.minute, minute)) return { date, hour, minute: minute + 1, isSecond };
    const isThere = this.#hourAt(this.#instantOf({ date, hour, minute })) === hour;
    return isThere ? null : { date, hour: hour + 1, minute: 0, isSecond };
  }

  #carried({ date, hour, minute, isSecond }: Place): Place {
    if (minute < 60)
      return hour < 24 ? { date, hour, minute, isSecond } : { date: date + DAY, hour: 0, minute, isSecond };
    const [ended, begins] = [hour, hour + 1].map((each) => this.#instantOf({ date, hour: each, minute: 0 }));
    const isAgain = !isSecond && begins! - ended! > HOUR;
    return this.#carried({ date, hour: isAgain ? hour : hour + 1, minute: 0, isSecond: isAgain });
  }

  #localOf(instant: number): number {
    return instant + this.#zone.offset(instant) * MINUTE;
  }

  #hourAt(instant: number): number {
    return new Date(this.#localOf(instant)).getUTCHours();
  }

  /** As Go has it: of two that are called alike, the one whose offset holds at the same time of UTC. */
  #instantOf({ date, hour, minute }: Omit<Place, 'isSecond'>): number {
    const local = date + hour * HOUR + minute * MINUTE;
    const guess = local - this.#zone.offset(local) * MINUTE;
    return local - this.#zone.offset(guess) * MINUTE;
  }
}

const holds = (ranges: readonly Range[], value: number): boolean =>
  ranges.some(({ start, end, step }) => start <= value && value <= end && (value - start) % step === 0);

/** @param date UTC's midnight of it */
export function isOnDate({ dayOfMonth, month, dayOfWeek, year }: Calendar, date: number): boolean {
  const day = new Date(date);
  return (
    holds(dayOfMonth, day.getUTCDate()) &&
    holds(month, day.getUTCMonth() + 1) &&
    holds(dayOfWeek, day.getUTCDay()) &&
    (year.length === 0 || holds(year, day.getUTCFullYear()))
  );
}
