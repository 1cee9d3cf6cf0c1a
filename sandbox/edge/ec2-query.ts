import { AwsError } from '../service.ts';
import type { Protocol } from './protocol.ts';
import { xmlReply } from './query.ts';
import { EC2_QUERY, formOf, readForm } from './query-form.ts';
import { membersXml, textElement } from './xml.ts';

/** EC2's dialect of the query protocol: no element around the result, and errors of a shape and codes of their own. */
export const ec2Query: Protocol = {
  operationOf: (request) => formOf(request).get('Action') ?? undefined,

  read: (request, operation) => readForm(operation.input, request, EC2_QUERY),

  write: (output, { name, output: schema }, service, requestId) => {
    // What has no members of its own says that it is done.
    const members = schema.isUnitSchema() ? textElement('return', 'true') : membersXml(schema, output);
    const content = textElement('requestId', requestId) + members;
    return xmlReply(200, `<${name}Response xmlns="${service.xmlNamespace}">${content}</${name}Response>`, requestId);
  },

  writeError: (error, _request, _service, requestId) => {
    const content = textElement('Code', error.code) + textElement('Message', error.message);
    const body = `<Response><Errors><Error>${content}</Error></Errors>${textElement('RequestID', requestId)}</Response>`;
    return xmlReply(error.status, body, requestId);
  },

  errors: {
    notSigned: () => new AwsError('MissingParameter', 'The request must contain the parameter AWSAccessKeyId', 400),
    unknownOperation: (name) =>
      new AwsError('InvalidAction', `The action ${name ?? ''} is not valid for this web service.`, 400),
    throttled: () => new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503),
    internal: () => new AwsError('InternalError', 'An internal error has occurred', 500),
    expiredToken: () => new AwsError('RequestExpired', 'Request has expired.', 400),
  },
};
