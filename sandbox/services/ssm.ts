/** AWS Systems Manager: managed instances and Run Command. */
import type { Service } from '../service.ts';
import { instanceOperations } from './ssm/instances.ts';
import { resultOperations } from './ssm/results.ts';
import { sendOperations } from './ssm/send.ts';

export const ssm: Service = {
  signingName: 'ssm',
  operations: { ...instanceOperations, ...sendOperations, ...resultOperations },
};
