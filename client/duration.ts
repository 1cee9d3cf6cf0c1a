/** Durations as people give and read them. */
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../domain/duration.ts';

export { parseDuration };

/** For commander: a duration with its unit, as a bare number would be read as minutes by some, and as seconds by others. */
export function parseMinutes(value: string): number {
  const parsed = value === '0' || /[smhd]$/.test(value) ? parseDuration(value) : null;
  if (parsed === null) throw new InvalidArgumentError('give a duration with its unit, such as 30m, 4h or 1d');
  return Math.ceil(parsed / 60);
}

/** The two largest units that say something: `6 h 28 min`, `3 d`, `12 min`, `40 s`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return join(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return join(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const join = (large: number, unit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
