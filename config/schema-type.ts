/** What the schema has at a path. */
import { z } from 'zod';
import type { Path } from './problem.ts';
import { schema } from './schema.ts';

/** Undefined: nothing. In one of several types it is all of them. */
export function typeAt(path: Path): z.core.$ZodType | undefined {
  let type: z.core.$ZodType | undefined = schema;
  for (const part of path) type = type && inner(unwrapped(type), part);
  return type && unwrapped(type);
}

const unwrapped = (type: z.core.$ZodType): z.core.$ZodType =>
  type instanceof z.ZodOptional || type instanceof z.ZodNullable ? unwrapped(type.unwrap()) : type;

function inner(type: z.core.$ZodType, part: string | number): z.core.$ZodType | undefined {
  if (type instanceof z.ZodObject) return (type.shape as Record<string, z.core.$ZodType>)[part];
  if (type instanceof z.ZodRecord) return type.valueType;
  if (type instanceof z.ZodArray) return type.element;
  if (type instanceof z.ZodUnion) return type;
  return undefined;
}
