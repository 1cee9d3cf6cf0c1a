/** Service Quotas: what an account may have of WorkSpaces' things in a Region. */
import { AwsError } from '../service.ts';
import type { Call, Operation, Service } from '../service.ts';
import { paginate } from '../pagination.ts';
import { settingsOf } from './workspaces/settings.ts';

const SERVICE = { ServiceCode: 'workspaces', ServiceName: 'Amazon WorkSpaces' };

interface Quota {
  readonly code: string;
  readonly name: string;
  readonly value: number;
}

/** The codes as public lists of quotas give them; AWS documents none. */
function quotasOf(call: Call): Quota[] {
  const { imageQuota, workspaceQuota } = settingsOf(call);
  return [
    { code: 'L-18CE281C', name: 'Images', value: imageQuota },
    { code: 'L-34278094', name: 'WorkSpaces', value: workspaceQuota },
    { code: 'L-9A67B5CB', name: 'Standby WorkSpaces', value: 0 },
  ];
}

const shown = ({ code, name, value }: Quota, { account, region }: Call): object => ({
  ...SERVICE,
  QuotaArn: `arn:aws:servicequotas:${region}:${account}:${SERVICE.ServiceCode}/${code}`,
  QuotaCode: code,
  QuotaName: name,
  Value: value,
  Unit: 'None',
  Adjustable: true,
  GlobalQuota: false,
  QuotaAppliedAtLevel: 'ACCOUNT',
});

function checkService(code: string): void {
  if (code === SERVICE.ServiceCode) return;
  throw new AwsError('NoSuchResourceException', `The request failed because the service ${code} does not exist.`);
}

const getServiceQuota: Operation = (input: { ServiceCode: string; QuotaCode: string }, call) => {
  checkService(input.ServiceCode);
  const quota = quotasOf(call).find(({ code }) => code === input.QuotaCode);
  if (!quota) throw new AwsError('NoSuchResourceException', `The quota ${input.QuotaCode} does not exist.`);
  return { Quota: shown(quota, call) };
};

interface ListInput {
  readonly ServiceCode: string;
  readonly QuotaCode?: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

const listServiceQuotas: Operation = (input: ListInput, call) => {
  checkService(input.ServiceCode);
  const { NextToken: token, ...parameters } = input;
  const found = paginate(
    {
      operation: 'ListServiceQuotas',
      items: quotasOf(call).filter(({ code }) => !input.QuotaCode || code === input.QuotaCode),
      idOf: ({ code }) => code,
      pageSize: input.MaxResults ?? 100,
      token,
      parameters,
      invalidToken: () => new AwsError('InvalidPaginationTokenException', 'The NextToken is not valid.'),
    },
    call,
  );
  return { Quotas: found.items.map((quota) => shown(quota, call)), NextToken: found.nextToken };
};

export const serviceQuotas: Service = {
  signingName: 'servicequotas',
  operations: { GetServiceQuota: getServiceQuota, ListServiceQuotas: listServiceQuotas },
};
