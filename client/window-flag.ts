/**
 * `--window`: when the rebuilds of a directory, of a tag, or all others may begin. A rule reads
 * `tag Env=Prod: Sat,Sun 08:00-20:00 Europe/Berlin; Mon-Fri 22:00-05:00 Europe/Berlin`.
 */
import { InvalidArgumentError } from 'commander';
import { shown } from '../domain/field-rules.ts';
import { DAYS, windowProblems, type Day, type OpenHours, type WindowRule } from '../domain/windows.ts';

/** The last `: ` ends the subject, as a tag's value may have one too and hours have none. */
const RULE = /^(?:(.*):\s+)?(.*)$/s;
/** A tag's value may be anything, so it is the last. */
const SUBJECT = /^(?:directory (?<directoryId>[^\s,]+))?(?:(?:^|, )tag (?<key>[^=]+)=(?<value>.*))?$/s;
const HOURS = /^(\S+)\s+([\d:]+)-([\d:]+)\s+(\S+)$/;

/** For commander: one rule. */
export function parseWindow(text: string): WindowRule {
  const [, subject, hours = ''] = RULE.exec(text.trim()) ?? [];
  const rule = { ...subjectOf(subject), open: hours.replace(/;\s*$/, '').split(';').map(hoursOf) };
  const [problem] = windowProblems([rule]);
  if (problem !== undefined) throw new InvalidArgumentError(problem.replace(/^rule 1 of windows: /, ''));
  return rule;
}

function subjectOf(text: string | undefined): Pick<WindowRule, 'directoryId' | 'tag'> {
  if (text === undefined) return { directoryId: null, tag: null };
  const { directoryId = null, key, value = '' } = SUBJECT.exec(text)?.groups ?? {};
  if (directoryId === null && key === undefined) {
    throw new InvalidArgumentError(
      `before the colon give directory <id> or tag <Key>=<value>, such as tag Env=Prod, got ${shown(text)}`,
    );
  }
  return { directoryId, tag: key === undefined ? null : { key, value } };
}

function hoursOf(text: string): OpenHours {
  const [, days, from, to, timeZone] = HOURS.exec(text.trim()) ?? [];
  if (days === undefined || from === undefined || to === undefined || timeZone === undefined) {
    throw new InvalidArgumentError(
      `give <days> <from>-<to> <time zone>, such as Mon-Fri 22:00-05:00 Europe/Berlin, got ${shown(text.trim())}`,
    );
  }
  return { days: daysOf(days), from, to, timeZone };
}

/** Of `Sat,Sun`, `Mon-Fri` or both, in the order of the week; `Fri-Mon` goes over its end. */
function daysOf(text: string): Day[] {
  const chosen = new Set(text.split(',').flatMap(dayRange));
  return DAYS.filter((day) => chosen.has(day));
}

function dayRange(text: string): readonly Day[] {
  const ends = text.split('-').map((day) => DAYS.findIndex((each) => each === day.toLowerCase()));
  const [first = -1, last = first] = ends;
  if (ends.length > 2 || ends.includes(-1)) {
    throw new InvalidArgumentError(
      `days must be of ${DAYS.map(capital).join(', ')}, such as Sat,Sun or Mon-Fri, got ${shown(text)}`,
    );
  }
  return [...DAYS, ...DAYS].slice(first, last < first ? last + 8 : last + 1);
}

/** What `parseWindow` reads as this rule. */
export function windowText({ directoryId, tag, open }: WindowRule): string {
  const subject = [directoryId && `directory ${directoryId}`, tag && `tag ${tag.key}=${tag.value}`].filter(Boolean);
  const hours = open.map(({ days, from, to, timeZone }) => `${daysText(days)} ${from}-${to} ${timeZone}`);
  return [...(subject.length > 0 ? [subject.join(', ')] : []), hours.join('; ')].join(': ');
}

/** Three days or more that follow each other are a range. */
function daysText(days: readonly Day[]): string {
  const runs: Day[][] = [];
  for (const day of DAYS.filter((each) => days.includes(each))) {
    const run = runs.at(-1);
    if (run !== undefined && DAYS.indexOf(day) === DAYS.indexOf(run[0] as Day) + run.length) run.push(day);
    else runs.push([day]);
  }
  return runs
    .map((run) => run.map(capital))
    .map(rangeText)
    .join(',');
}

const rangeText = (run: readonly string[]): string =>
  run.length > 2 ? `${run[0] ?? ''}-${run.at(-1) ?? ''}` : run.join(',');

const capital = (day: Day): string => day.charAt(0).toUpperCase() + day.slice(1);
