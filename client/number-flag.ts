/** Numbers given as flags. */
import { InvalidArgumentError } from 'commander';

/** For commander: a number above 0. */
export const positive =
  (most: number) =>
  (value: string): number => {
    const number = Number(value);
    if (value.trim() !== '' && number > 0 && number <= most) return number;
    throw new InvalidArgumentError(`give a number above 0, at most ${most}`);
  };

/** For commander: a whole number from `least` to `most`. */
export const wholeNumber =
  (least: number, most: number) =>
  (value: string): number => {
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`give a whole number from ${least} to ${most}`);
  };
