/** The fields of cron expressions: lists, ranges, steps and names as sets of numbers. */
import { FIRST_YEAR, LAST_YEAR } from './calendar.ts';
import { shown } from './field-rules.ts';

export interface Field {
  /** As it begins the sentence `<name> must be …`. */
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** In the order of their numbers; empty: it has no names. */
  readonly names: readonly string[];
  /** What else than this is wrong with a value, at its end: which forms there are. */
  readonly allowed: string;
  /** The numbers mean different days to different programs: only names are taken. */
  readonly namesOnly?: boolean;
  /** AWS takes no steps here. */
  readonly noSteps?: boolean;
  /** 2030-2020 is a mistake; 22-2 of hours and FRI-MON go over the end. */
  readonly noWrap?: boolean;
}

const FORMS = 'lists 1,3, ranges 1-5, steps 0/15, or *';
const MONTH_NAMES = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAY_NAMES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

export const MINUTE: Field = { name: 'minutes', least: 0, most: 59, names: [], allowed: `0 to 59: ${FORMS}` };
export const HOUR: Field = { name: 'hours', least: 0, most: 23, names: [], allowed: `0 to 23: ${FORMS}` };
export const DAY_OF_MONTH: Field = {
  name: 'days of the month',
  least: 1,
  most: 31,
  names: [],
  allowed: `1 to 31: ${FORMS}`,
};
export const MONTH: Field = {
  name: 'months',
  least: 1,
  most: 12,
  names: MONTH_NAMES,
  allowed: `1 to 12 or JAN to DEC: ${FORMS}`,
};
export const DAY_OF_WEEK: Field = {
  name: 'days of the week',
  least: 0,
  most: 6,
  names: DAY_NAMES,
  allowed: 'mon to sun by name (AWS counts from 1, Temporal from 0): lists, ranges such as mon-fri, or *',
  namesOnly: true,
};
/** AWS's numbers of the days: Sunday is 1. */
export const AWS_DAY_OF_WEEK: Field = {
  name: 'days of the week',
  least: 1,
  most: 7,
  names: DAY_NAMES,
  allowed: '1 (Sunday) to 7 or SUN to SAT: lists MON,WED, ranges MON-FRI, 6L, 6#3, or *',
  noSteps: true,
};
export const YEAR: Field = {
  name: 'years',
  least: 1970,
  most: 2199,
  names: [],
  allowed: `1970 to 2199: ${FORMS}`,
  noWrap: true,
};

/** Of calendars as Temporal has them: its server refuses others. */
export const TEMPORAL_YEAR: Field = {
  ...YEAR,
  least: FIRST_YEAR,
  most: LAST_YEAR,
  allowed: `${FIRST_YEAR} to ${LAST_YEAR}: ${FORMS}`,
};

/** What is wrong with an expression, in a sentence for its author. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

const ITEM = /^(?:(\*)|([A-Z]+|\d+)(?:-([A-Z]+|\d+))?)(?:\/(\d+))?$/;

/** The numbers that a field means; what cannot be read is `Refused`. */
export const valuesOf = (text: string, field: Field): Set<number> =>
  new Set(text.split(',').flatMap((item) => itemValues(item.trim().toUpperCase(), text, field)));

function itemValues(item: string, text: string, field: Field): number[] {
  const { least, most } = field;
  const [, star, first, last, stepText] = ITEM.exec(item) ?? [];
  if (star === undefined && first === undefined) throw refusal(field, text);
  if (stepText !== undefined && field.noSteps) throw new Refused(`${field.name}: AWS takes no / here: list them`);
  const step = Number(stepText ?? 1);
  const from = star === undefined ? numberOf(first, text, field) : least;
  const to =
    last === undefined ? (star === undefined && stepText === undefined ? from : most) : numberOf(last, text, field);
  if (step < 1 || step > most) throw refusal(field, text);
  if (to < from && field.noWrap) throw new Refused(`${field.name} must go up, got ${shown(text)}`);
  const size = most - least + 1;
  const values: number[] = [];
  for (let each = from; each <= (to < from ? to + size : to); each += step)
    values.push(each > most ? each - size : each);
  return values;
}

function numberOf(word: string | undefined, text: string, field: Field): number {
  const isNumber = /^\d+$/.test(word ?? '');
  const named = field.names.indexOf(word ?? '');
  const value = isNumber ? Number(word) : named + field.least;
  const isKnown = isNumber ? !field.namesOnly && value >= field.least && value <= field.most : named >= 0;
  if (!isKnown) throw refusal(field, text);
  return value;
}

const refusal = ({ name, allowed }: Field, text: string): Refused =>
  new Refused(`${name} must be ${allowed}; got ${shown(text)}`);
