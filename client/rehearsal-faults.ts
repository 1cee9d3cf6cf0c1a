/** `--faults throttle=20%,lost=2%`: what goes wrong in a rehearsal. */
import { InvalidArgumentError } from 'commander';

/** What can go wrong, as people read it. */
export const FAULTS = {
  throttle: 'of the calls to WorkSpaces are throttled',
  lost: 'of the replies of WorkSpaces are lost, after the call had its effect',
  fail: 'of the rebuilds and migrations end in a failure',
  stuck: 'of the rebuilds and migrations never end',
} as const;
export type Fault = keyof typeof FAULTS;

/** Per cent by kind. */
export type Faults = Readonly<Partial<Record<Fault, number>>>;

const KINDS = Object.keys(FAULTS) as Fault[];
const FORM = new RegExp(`^(${KINDS.join('|')})=(\\d+(?:\\.\\d+)?)%$`);

/** For commander. */
export function parseFaults(value: string): Faults {
  const faults: Partial<Record<Fault, number>> = {};
  for (const part of value.split(',').map((each) => each.trim())) {
    const [, kind, percent] = FORM.exec(part) ?? [];
    if (kind === undefined || Number(percent) === 0 || Number(percent) > 100) {
      const kinds = KINDS.join(', ');
      throw new InvalidArgumentError(
        `"${part}" is none: give kinds (${kinds}) and shares, such as throttle=20%,lost=2%`,
      );
    }
    if (kind in faults) throw new InvalidArgumentError(`${kind} is given twice`);
    faults[kind as Fault] = Number(percent);
  }
  return faults;
}

/** `20 % of the calls to WorkSpaces are throttled`, one each. */
export const faultTexts = (faults: Faults): string[] =>
  KINDS.flatMap((kind) => (faults[kind] === undefined ? [] : `${faults[kind]} % ${FAULTS[kind]}.`));
