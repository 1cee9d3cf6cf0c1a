import type { ConstraintModel, ConstraintShape } from './constraint-models.ts';
import { constraintModels } from './constraint-models.ts';
import { validationError } from './validation-error.ts';

/** One constraint that a value does not meet, in AWS's words. */
export interface Violation {
  /** As AWS writes it: lower camel case, list items by number from 1, as in `targets.2.member.key`. */
  readonly path: string;
  readonly value: unknown;
  /** As in `Member must not be null`. */
  readonly constraint: string;
}

/** @throws AwsError the service's validation error, with every constraint that the input does not meet. */
export function checkConstraints(service: string, operation: string, input: Record<string, unknown>): void {
  const model = constraintModels[service];
  const shape = model?.operations[operation];
  if (!model || shape === undefined) return;
  const violations = violationsOf(model, shape, input, '');
  if (violations.length > 0) throw validationError(service, violations);
}

function violationsOf(model: ConstraintModel, shapeName: string, value: unknown, path: string): Violation[] {
  const shape = model.shapes[shapeName];
  if (!shape) return [];
  const here = constraintsBroken(shape, value).map((constraint) => ({ path, value, constraint }));
  if (Array.isArray(value)) return [...here, ...itemViolations(model, shape, value, path)];
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return here;
  return [...here, ...memberViolations(model, shape, value as Record<string, unknown>, path)];
}

function memberViolations(
  model: ConstraintModel,
  shape: ConstraintShape,
  value: Record<string, unknown>,
  path: string,
): Violation[] {
  const missing = (shape.required ?? [])
    .filter((name) => value[name] === undefined)
    .map((name) => ({ path: join(path, name), value: null, constraint: 'Member must not be null' }));
  const present = Object.entries(shape.members ?? {})
    .filter(([name]) => value[name] !== undefined)
    .flatMap(([name, member]) => violationsOf(model, member, value[name], join(path, name)));
  return [...missing, ...present];
}

/** AWS reports simple items once, on the list as a whole, and items with members one by one. */
function itemViolations(model: ConstraintModel, shape: ConstraintShape, items: unknown[], path: string): Violation[] {
  const item = shape.list === undefined ? undefined : model.shapes[shape.list];
  if (!item || shape.list === undefined) return [];
  if (item.members || item.required || item.list) {
    return items.flatMap((value, index) =>
      violationsOf(model, shape.list as string, value, `${path}.${index + 1}.member`),
    );
  }
  const broken = items.some((value) => constraintsBroken(item, value).length > 0);
  if (!broken) return [];
  return [
    { path, value: items, constraint: `Member must satisfy constraint: [${describe(item, 'length').join(', ')}]` },
  ];
}

function constraintsBroken(shape: ConstraintShape, value: unknown): string[] {
  const size = sizeOf(value);
  const word = typeof value === 'number' ? 'value' : 'length';
  const broken: ConstraintShape = {
    ...(shape.max !== undefined && size !== undefined && size > shape.max && { max: shape.max }),
    ...(shape.min !== undefined && size !== undefined && size < shape.min && { min: shape.min }),
    ...(shape.pattern !== undefined &&
      typeof value === 'string' &&
      !wholeMatch(shape.pattern).test(value) && { pattern: shape.pattern }),
    ...(shape.enum && typeof value === 'string' && !shape.enum.includes(value) && { enum: shape.enum }),
  };
  return describe(broken, word);
}

function describe(shape: ConstraintShape, word: 'length' | 'value'): string[] {
  return [
    ...(shape.max === undefined ? [] : [`Member must have ${word} less than or equal to ${shape.max}`]),
    ...(shape.min === undefined ? [] : [`Member must have ${word} greater than or equal to ${shape.min}`]),
    ...(shape.pattern === undefined ? [] : [`Member must satisfy regular expression pattern: ${shape.pattern}`]),
    ...(shape.enum === undefined ? [] : [`Member must satisfy enum value set: [${shape.enum.join(', ')}]`]),
  ];
}

function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined;
}

const compiled = new Map<string, RegExp>();

/** AWS matches patterns against the whole value, anchors or not. */
function wholeMatch(pattern: string): RegExp {
  let expression = compiled.get(pattern);
  if (!expression) {
    expression = new RegExp(`^(?:${pattern})$`, 'u');
    compiled.set(pattern, expression);
  }
  return expression;
}

function join(path: string, member: string): string {
  const name = `${member.charAt(0).toLowerCase()}${member.slice(1)}`;
  return path === '' ? name : `${path}.${name}`;
}
