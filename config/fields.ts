/**
 * What the values of `holdfast.yaml` may be. Each message is what is allowed, as it ends the sentence `<path> must be …`;
 * `schema-problems.ts` makes the sentence. What a run itself judges (ids, ranges of numbers) is judged by its own rules.
 */
import { z } from 'zod';

/** Values that may come from the environment: `${NAME}`. */
export const fromEnvironment = z.registry<{ readonly fromEnvironment: true }>();

export const text = (allowed: string, pattern?: RegExp) =>
  pattern ? z.string({ error: allowed }).regex(pattern, { error: allowed }) : z.string({ error: allowed });

/** A text that may stand in the environment, so that it is in no repository. */
export const environmentText = (allowed: string, pattern?: RegExp) =>
  text(allowed, pattern).register(fromEnvironment, { fromEnvironment: true });

export const number = (allowed: string) => z.number({ error: allowed });
export const trueOrFalse = () => z.boolean({ error: 'true or false' });

export const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, { error: `one of ${values.join(', ')}` });

export const list = <Item extends z.ZodType>(allowed: string, item: Item) => z.array(item, { error: allowed });

/** A mapping that has these names only; an unknown name's message is the known ones. */
export const mapping = <Shape extends z.ZodRawShape>(shape: Shape) => {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? JSON.stringify(known) : `a mapping with ${known.join(', ')}`),
  });
};

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}[A-Za-z0-9])?$/;
const A_NAME = '1 to 40 letters, digits and hyphens, no hyphen first or last';

export const name = () => text(`a name: ${A_NAME}`, NAME);

/** A mapping from names that are free to choose. */
export const named = <Value extends z.ZodType>(what: string, value: Value) =>
  z.record(z.string().regex(NAME), value, {
    error: ({ code }) => (code === 'invalid_key' ? A_NAME : `a mapping from names to ${what}`),
  });

const DURATION = /^(?:0|\d{1,9}[smhd])$/;

/** The unit is asked for, as a bare number would be read as minutes by some, and as seconds by others. */
export const duration = (least = '') =>
  text(`a duration with its unit, such as 90s, 30m, 12h or 2d${least}`, DURATION).meta({
    examples: ['30m', '12h', '2d'],
  });

export const ROLE_ARN = /^arn:aws[a-z-]*:iam::(\d{12}):role\/[\w+=,.@/-]+$/;

const TAGS = 'a mapping from tag keys to values';
const A_TAG_VALUE = 'the value of a tag, a text';

/** `{ Env: Prod }` */
export const tags = () => z.record(z.string(), text(A_TAG_VALUE), { error: TAGS });

/** `{ Env: [Prod, Test] }`: a key may have several values. */
export const tagChoices = () =>
  z.record(
    z.string(),
    z.union([text(A_TAG_VALUE), list(A_TAG_VALUE, text(A_TAG_VALUE))], {
      error: `${A_TAG_VALUE}, or a list of such values`,
    }),
    { error: TAGS },
  );
