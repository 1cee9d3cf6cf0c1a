import type { Service } from '../service.ts';
import { backup } from './backup.ts';
import { cloudformation } from './cloudformation.ts';
import { directoryService } from './directory-service.ts';
import { dynamodb } from './dynamodb.ts';
import { ec2 } from './ec2.ts';
import { kms } from './kms.ts';
import { organizations } from './organizations.ts';
import { rds } from './rds.ts';
import { s3 } from './s3.ts';
import { serviceQuotas } from './service-quotas.ts';
import { sns } from './sns.ts';
import { sqs } from './sqs.ts';
import { ssm } from './ssm.ts';
import { sts } from './sts.ts';
import { tagging } from './tagging.ts';
import { workspaces } from './workspaces.ts';

/** Every service of the sandbox, by signing name. */
export const services: ReadonlyMap<string, Service> = new Map(
  [
    workspaces,
    tagging,
    ssm,
    s3,
    sns,
    sqs,
    sts,
    cloudformation,
    directoryService,
    kms,
    serviceQuotas,
    organizations,
    backup,
    ec2,
    rds,
    dynamodb,
  ].map((service) => [service.signingName, service]),
);
