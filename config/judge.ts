/** Has a run's own rules judge a policy, and tells what they say at the value's place in the file. */
import type { Complain, Path } from './problem.ts';
import { valueAt } from './source.ts';

type Parsed<Input> =
  { readonly ok: true; readonly input: Input } | { readonly ok: false; readonly problems: readonly string[] };

interface Judged {
  /** As the file has it. */
  readonly given: unknown;
  /** Of the policy in the file. */
  readonly path: Path;
  /** Where the file has a field that it calls otherwise than the run does: `imageId` → `image`. */
  readonly places: Readonly<Record<string, string>> | ((field: string) => string);
  readonly complain: Complain;
}

/** Around the name of a field in a sentence, so that it is found in it. */
const [OPEN, CLOSE] = ['\u2068', '\u2069'];
const FIELD = new RegExp(`${OPEN}([^${CLOSE}]*)${CLOSE}`, 'g');
/** How a problem with one rule of windows begins. */
const WINDOW = /^(?:windows: )?rule (\d+) of windows: /;

/** The run's input; null: there are problems, and they have been told. */
export function judge<Input>(
  raw: unknown,
  parse: (raw: unknown, nameOf: (field: string) => string) => Parsed<Input>,
  { given, path, places, complain }: Judged,
): Input | null {
  const parsed = parse(raw, (field) => `${OPEN}${field}${CLOSE}`);
  const placeOf = typeof places === 'function' ? places : (field: string): string => places[field] ?? field;
  if (parsed.ok) return parsed.input;
  for (const problem of parsed.problems) {
    const [, ofRun = ''] = new RegExp(FIELD.source).exec(problem) ?? [];
    // Whether they are an account and Region of the file has been told.
    if (ofRun.startsWith('target.')) continue;
    const field = placeOf(ofRun);
    const sentence = problem.replaceAll(FIELD, (_, each: string) => placeOf(each));
    const rule = WINDOW.exec(sentence);
    const at = rule ? ['windows', Number(rule[1]) - 1] : field === '' ? [] : field.split('.').map(asPart);
    const message = asWritten(rule ? sentence.slice(rule[0].length) : ownWords(sentence, field), valueAt(given, at));
    complain([...path, ...at], { message, allowed: allowedIn(message) });
  }
  return null;
}

/** Of a list, the index. */
const asPart = (part: string): string | number => (/^\d+$/.test(part) ? Number(part) : part);

/** Without the field's name in front: the path stands there. */
const ownWords = (sentence: string, field: string): string =>
  field !== '' && sentence.startsWith(field) ? sentence.slice(field.length).replace(/^:? /, '') : sentence;

/** A duration has been turned into a number: its author looks for what is in the file. */
const asWritten = (message: string, value: unknown): string =>
  typeof value === 'string' ? message.replace(/, got -?[\d.]+$/, `, got ${value}`) : message;

function allowedIn(message: string): string | null {
  const [, must, give] = /^(?:must be (.*), got .*|is missing: give (.*))$/s.exec(message) ?? [];
  return must ?? give ?? null;
}
