/** The JSON Schema of `holdfast.yaml`, for editors. */
import { z } from 'zod';
import { fromEnvironment } from './fields.ts';
import { schema } from './schema.ts';

/** The text of `schema.json`. */
export function jsonSchemaText(): string {
  const made = z.toJSONSchema(schema, {
    reused: 'inline',
    // An editor does not know the environment: what may come from it may look like anything.
    override: ({ zodSchema, jsonSchema }) => {
      if (fromEnvironment.get(zodSchema)) delete jsonSchema.pattern;
    },
  });
  const described = { title: 'holdfast.yaml', description: 'What Holdfast backs up and upgrades, where and when.' };
  const { $schema, ...rest } = made;
  return `${JSON.stringify({ $schema, ...described, ...rest }, null, 2)}\n`;
}
