import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../service.ts';

/** @throws AwsError SerializationException when a JSON value is not of the kind that its member has, as AWS does. */
export function checkJsonTypes(schema: NormalizedSchema, value: unknown): void {
  if (value === null || value === undefined) return;
  if (schema.isStructSchema()) {
    const fields = expectObject(value);
    for (const [name, member] of schema.structIterator()) checkJsonTypes(member, fields[name]);
  } else if (schema.isMapSchema()) {
    for (const item of Object.values(expectObject(value))) checkJsonTypes(schema.getValueSchema(), item);
  } else if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw mismatch(value, 'a List');
    for (const item of value) checkJsonTypes(schema.getValueSchema(), item);
  } else {
    checkScalar(schema, value);
  }
}

function expectObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || Array.isArray(value)) throw mismatch(value, 'a Structure or Map');
  return value as Record<string, unknown>;
}

function checkScalar(schema: NormalizedSchema, value: unknown): void {
  if (schema.isStringSchema() && typeof value !== 'string') throw mismatch(value, 'a String');
  if (schema.isBooleanSchema() && typeof value !== 'boolean') throw mismatch(value, 'a Boolean');
  if (schema.isNumericSchema() && typeof value !== 'number') throw mismatch(value, 'a Number');
  if (schema.isTimestampSchema() && typeof value !== 'number') throw mismatch(value, 'a Timestamp');
}

function mismatch(value: unknown, wanted: string): AwsError {
  if (Array.isArray(value)) return serialization('Start of list found where not expected');
  if (typeof value === 'object') return serialization('Start of structure or map found where not expected.');
  const kind =
    typeof value === 'boolean' ? `${String(value).toUpperCase()}_VALUE` : `${typeof value}_VALUE`.toUpperCase();
  return serialization(`${kind} can not be converted to ${wanted}`);
}

function serialization(message: string): AwsError {
  return new AwsError('SerializationException', message, 400);
}
