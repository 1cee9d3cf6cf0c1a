/** Rules for values that come from outside: what is allowed, in words, and whether a value is. */

export interface Rule {
  /** As it ends the sentence `<name> must be …`. */
  readonly allowed: string;
  readonly holds: (value: unknown) => boolean;
  /** What of a value that breaks the rule is shown. @default the value */
  readonly got?: (value: unknown) => string;
}

/** What is wrong with the value; null: nothing. */
export function problemOf(name: string, rule: Rule, value: unknown): string | null {
  if (value === undefined) return `${name} is missing: give ${rule.allowed}`;
  return rule.holds(value) ? null : `${name} must be ${rule.allowed}, got ${(rule.got ?? shown)(value)}`;
}

export const text = (allowed: string, pattern: RegExp): Rule => ({ allowed, holds: matches(pattern) });

export const matches =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value);

export const orNull = (rule: Rule): Rule => ({ ...rule, holds: (value) => value === null || rule.holds(value) });

export const within = (allowed: string, least: number, most: number): Rule => ({
  allowed: `${allowed} from ${least} to ${most}`,
  holds: (value) => isWithin(value, least, most),
});

export const whole = (least: number, most: number, unit: string): Rule => ({
  allowed: `a whole number of ${unit} from ${least} to ${most}`,
  holds: (value) => Number.isInteger(value) && isWithin(value, least, most),
});

const isWithin = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && value >= least && value <= most;

export const TRUE_OR_FALSE: Rule = { allowed: 'true or false', holds: (value) => typeof value === 'boolean' };

export const oneOf = (values: readonly string[]): Rule => ({
  allowed: `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`,
  holds: (value) => values.some((each) => each === value),
});

/** Of a list that is too long its length is shown, otherwise its first wrong element. */
export const list = (
  { allowed, least = 0, most }: { readonly allowed: string; readonly least?: number; readonly most: number },
  holds: (element: unknown) => boolean,
): Rule => {
  const fits = (value: readonly unknown[]): boolean => value.length >= least && value.length <= most;
  return {
    allowed,
    holds: (value) => Array.isArray(value) && fits(value) && value.every(holds),
    got: (value) => {
      if (!Array.isArray(value)) return shown(value);
      return fits(value) ? shown(value.find((element) => !holds(element))) : `${value.length} of them`;
    },
  };
};

export function shown(value: unknown): string {
  const json = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return json.length > 80 ? `${json.slice(0, 80)}…` : json;
}
