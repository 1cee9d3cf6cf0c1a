/** Service Quotas: how many images a Region may hold. */
import { cancellationSignal } from '@temporalio/activity';
import { ListServiceQuotasCommand, type ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { Target } from '../domain/target.ts';
import { call } from './failure.ts';

export interface QuotasDeps {
  readonly quotasFor: (target: Target) => ServiceQuotasClient;
}

/** As AWS calls it in the list of the service's quotas. https://docs.aws.amazon.com/workspaces/latest/adminguide/workspaces-limits.html */
const IMAGES = 'Images';

export const createQuotasActivities = ({ quotasFor }: QuotasDeps) => ({
  /** Reads the quota of images; null: AWS lists none for this account and Region. @iam servicequotas:ListServiceQuotas */
  async imageQuota(input: { readonly target: Target }): Promise<{ readonly quota: number | null }> {
    const { target } = input;
    return await call({ target, action: 'servicequotas:ListServiceQuotas', resource: 'workspaces' }, async () => {
      const command = new ListServiceQuotasCommand({ ServiceCode: 'workspaces', MaxResults: 100 });
      const output = await quotasFor(target).send(command, { abortSignal: cancellationSignal() });
      const found = (output.Quotas ?? []).find(({ QuotaName: name }) => name?.toLowerCase() === IMAGES.toLowerCase());
      return { quota: found?.Value ?? null };
    });
  },
});
