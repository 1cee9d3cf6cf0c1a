import { AwsError } from '../service.ts';
import type { Violation } from './constraints.ts';

/** Services whose error for a malformed input has another name than the framework's `ValidationException`. */
const CODES: Readonly<Record<string, string>> = {
  sns: 'ValidationError',
  sts: 'ValidationError',
  cloudformation: 'ValidationError',
  tagging: 'InvalidParameterException',
  organizations: 'InvalidInputException',
  backup: 'InvalidParameterValueException',
};

/** The error of a service's front end for an input outside its model's constraints. */
export function validationError(service: string, violations: readonly Violation[]): AwsError {
  if (service === 's3') return s3Error(violations[0] as Violation);
  if (IN_ITS_OWN_WORDS.has(service)) return parameterError(service, violations[0] as Violation);
  const count = violations.length === 1 ? '1 validation error' : `${violations.length} validation errors`;
  const details = violations.map(
    ({ path, value, constraint }) => `Value ${shown(value)} at '${path}' failed to satisfy constraint: ${constraint}`,
  );
  return new AwsError(CODES[service] ?? 'ValidationException', `${count} detected: ${details.join('; ')}`, 400);
}

/** Services older than the framework: they name the first parameter that is wrong. */
const IN_ITS_OWN_WORDS = new Set(['ec2', 'rds', 'sqs']);

function parameterError(service: string, { path, value }: Violation): AwsError {
  if (value === null) return new AwsError('MissingParameter', `The request must contain the parameter ${path}.`);
  if (service === 'sqs' && /attribute/i.test(path)) {
    return new AwsError('InvalidAttributeName', `Unknown Attribute ${shown(value)}.`);
  }
  return new AwsError('InvalidParameterValue', `Value (${plain(value)}) for parameter ${path} is invalid.`);
}

/** S3 has no such front end; it names the argument instead. */
function s3Error({ path, value }: Violation): AwsError {
  if (path === 'storageClass') {
    return new AwsError('InvalidStorageClass', 'The storage class you specified is not valid', 400);
  }
  if (path === 'encodingType') return argumentError('Invalid Encoding Method specified in Request', path, value);
  if (path === 'createBucketConfiguration.locationConstraint') {
    return new AwsError('InvalidLocationConstraint', 'The specified location-constraint is not valid', 400, {
      LocationConstraint: String(value),
    });
  }
  if (path.startsWith('delete') || path.startsWith('createBucketConfiguration')) {
    return new AwsError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
      400,
    );
  }
  return argumentError('Invalid Argument', path, value);
}

function argumentError(message: string, name: string, value: unknown): AwsError {
  return new AwsError('InvalidArgument', message, 400, { ArgumentName: name, ArgumentValue: String(value) });
}

function shown(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `'[${value.map((item) => plain(item)).join(', ')}]'`;
  return `'${plain(value)}'`;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
