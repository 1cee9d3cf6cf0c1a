import { AwsError } from '../../service.ts';

/** Every modelled error of this service has the same members. */
const error = (name: string, message: string, code: string): AwsError =>
  new AwsError(name, message, 400, { Code: code, Type: 'Client' });

export const notFound = (message: string): AwsError => error('ResourceNotFoundException', message, 'ERROR_2101');
export const invalidValue = (message: string): AwsError =>
  error('InvalidParameterValueException', message, 'ERROR_3101');
export const missingValue = (message: string): AwsError =>
  error('MissingParameterValueException', message, 'ERROR_3102');
export const invalidRequest = (message: string, code = 'ERROR_3103'): AwsError =>
  error('InvalidRequestException', message, code);
export const invalidState = (message: string): AwsError =>
  error('InvalidResourceStateException', message, 'ERROR_3104');
export const limitExceeded = (message: string): AwsError => error('LimitExceededException', message, 'ERROR_2301');
export const alreadyExists = (message: string, fields: object): AwsError =>
  new AwsError('AlreadyExistsException', message, 400, { Code: 'ERROR_2102', Type: 'Client', ...fields });
export const accessDenied = (message: string): AwsError => new AwsError('AccessDeniedException', message, 403);
