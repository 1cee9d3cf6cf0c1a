import { AwsError } from '../service.ts';
import type { Reply } from './http.ts';
import type { Protocol } from './protocol.ts';
import { formOf, QUERY, readForm } from './query-form.ts';
import { membersXml, textElement } from './xml.ts';

/** The query protocol: a form in, XML out (STS, SNS, CloudFormation, RDS). */
export const query: Protocol = {
  operationOf: (request) => formOf(request).get('Action') ?? undefined,

  read: (request, operation) => readForm(operation.input, request, QUERY),

  write: (output, operation, service, requestId) => {
    const { name } = operation;
    const result = operation.output.isUnitSchema()
      ? ''
      : `<${name}Result>${membersXml(operation.output, output)}</${name}Result>`;
    const metadata = `<ResponseMetadata>${textElement('RequestId', requestId)}</ResponseMetadata>`;
    const body = `<${name}Response xmlns="${service.xmlNamespace}">${result}${metadata}</${name}Response>`;
    return xmlReply(200, body, requestId);
  },

  writeError: (error, _request, service, requestId) => {
    const type = textElement('Type', error.status < 500 ? 'Sender' : 'Receiver');
    const fields = Object.entries(error.fields).map(([name, value]) => textElement(name, String(value)));
    const content = [type, textElement('Code', error.code), textElement('Message', error.message), ...fields].join('');
    const namespace = service ? ` xmlns="${service.xmlNamespace}"` : '';
    const body = `<ErrorResponse${namespace}><Error>${content}</Error>${textElement('RequestId', requestId)}</ErrorResponse>`;
    return xmlReply(error.status, body, requestId);
  },

  errors: {
    notSigned: () => new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403),
    unknownOperation: (name) =>
      name === undefined
        ? new AwsError('MissingAction', 'Missing Action', 400)
        : new AwsError('InvalidAction', `Could not find operation ${name}`, 400),
    throttled: () => new AwsError('Throttling', 'Rate exceeded', 400),
    internal: () => new AwsError('InternalFailure', 'Internal failure', 500),
    expiredToken: () => new AwsError('ExpiredToken', 'The security token included in the request is expired', 403),
  },
};

export function xmlReply(status: number, body: string, requestId: string): Reply {
  return { status, body, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId } };
}
