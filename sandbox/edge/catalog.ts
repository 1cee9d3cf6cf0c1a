import * as backup from '@aws-sdk/client-backup';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as directoryService from '@aws-sdk/client-directory-service';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import * as organizations from '@aws-sdk/client-organizations';
import * as rds from '@aws-sdk/client-rds';
import * as tagging from '@aws-sdk/client-resource-groups-tagging-api';
import * as kms from '@aws-sdk/client-kms';
import * as s3 from '@aws-sdk/client-s3';
import * as serviceQuotas from '@aws-sdk/client-service-quotas';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import * as workspaces from '@aws-sdk/client-workspaces';
import { awsJson, awsJson10, awsJsonAfterQuery } from './aws-json.ts';
import { ec2Query } from './ec2-query.ts';
import { query } from './query.ts';
import { restJson } from './rest-json.ts';
import { s3Protocol } from './s3-protocol.ts';
import type { ServiceShape } from './service-shape.ts';
import { serviceShape } from './service-shape.ts';

/** The wire format of every service of the sandbox, by signing name. */
export const catalog: ReadonlyMap<string, ServiceShape> = new Map(
  [
    serviceShape(workspaces, { signingName: 'workspaces', protocol: awsJson, target: 'WorkspacesService' }),
    serviceShape(tagging, { signingName: 'tagging', protocol: awsJson, target: 'ResourceGroupsTaggingAPI_20170126' }),
    serviceShape(ssm, { signingName: 'ssm', protocol: awsJson, target: 'AmazonSSM' }),
    serviceShape(directoryService, { signingName: 'ds', protocol: awsJson, target: 'DirectoryService_20150416' }),
    serviceShape(kms, { signingName: 'kms', protocol: awsJson, target: 'TrentService' }),
    serviceShape(serviceQuotas, {
      signingName: 'servicequotas',
      protocol: awsJson,
      target: 'ServiceQuotasV20190624',
    }),
    serviceShape(sqs, { signingName: 'sqs', protocol: awsJsonAfterQuery, target: 'AmazonSQS' }),
    serviceShape(dynamodb, { signingName: 'dynamodb', protocol: awsJson10, target: 'DynamoDB_20120810' }),
    serviceShape(organizations, {
      signingName: 'organizations',
      protocol: awsJson,
      target: 'AWSOrganizationsV20161128',
    }),
    serviceShape(ec2, {
      signingName: 'ec2',
      protocol: ec2Query,
      xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    }),
    serviceShape(rds, {
      signingName: 'rds',
      protocol: query,
      xmlNamespace: 'http://rds.amazonaws.com/doc/2014-10-31/',
    }),
    serviceShape(backup, { signingName: 'backup', protocol: restJson }),
    serviceShape(s3, {
      signingName: 's3',
      protocol: s3Protocol,
      xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
    }),
    serviceShape(sns, {
      signingName: 'sns',
      protocol: query,
      xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    }),
    serviceShape(sts, {
      signingName: 'sts',
      protocol: query,
      xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    }),
    serviceShape(cloudformation, {
      signingName: 'cloudformation',
      protocol: query,
      xmlNamespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
    }),
  ].map((shape) => [shape.signingName, shape]),
);
