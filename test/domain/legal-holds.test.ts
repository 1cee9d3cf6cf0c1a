import assert from 'node:assert/strict';
import { vaultArn } from '../../domain/custody.ts';
import { heldBy, type HoldSelection } from '../../domain/original-gate.ts';
import { FAR_VAULT, point, SOURCE_VAULT } from '../rig/custody-facts.ts';

describe('heldBy', () => {
  const none: HoldSelection = { vaultNames: [], resourceIdentifiers: [], fromDate: null, toDate: null };
  const facts = point({ createdAt: '2026-02-20T13:00:00.000Z' });
  const table: readonly [title: string, selection: Partial<HoldSelection>, isHeld: boolean][] = [
    ['nothing but all', {}, true],
    ['its vault', { vaultNames: ['weekly', SOURCE_VAULT.vault] }, true],
    ['another vault', { vaultNames: ['weekly'] }, false],
    ['its resource', { resourceIdentifiers: [facts.resourceArn] }, true],
    ['the id of its resource', { resourceIdentifiers: ['vol-0data'] }, true],
    ['its resource type', { resourceIdentifiers: ['EBS'] }, true],
    ['itself', { resourceIdentifiers: [facts.ref.arn] }, true],
    ['all volumes', { resourceIdentifiers: ['arn:aws:ec2:*:*:volume/*'] }, true],
    ['ids that begin as its resource’s', { resourceIdentifiers: ['vol-0d*'] }, true],
    ['all resources', { resourceIdentifiers: ['*'] }, true],
    ['its resource type, written otherwise', { resourceIdentifiers: ['ebs'] }, true],
    ['its vault among the resources', { resourceIdentifiers: [vaultArn(facts.ref)] }, true],
    ['what is not understood', { resourceIdentifiers: ['production volumes'] }, true],
    ['a name without a kind', { resourceIdentifiers: ['orders'] }, true],
    ['an ARN that is cut off', { resourceIdentifiers: ['arn:aws:rds'] }, true],
    ['another resource', { resourceIdentifiers: ['vol-0other'] }, false],
    ['another resource’s ARN', { resourceIdentifiers: ['arn:aws:rds:eu-central-1:111122223333:db:orders'] }, false],
    ['all instances', { resourceIdentifiers: ['arn:aws:ec2:*:*:instance/*', 'i-*'] }, false],
    ['other resource types', { resourceIdentifiers: ['RDS', 'redshift serverless'] }, false],
    ['another vault among the resources', { resourceIdentifiers: [vaultArn(FAR_VAULT)] }, false],
    ['its resource in another vault', { resourceIdentifiers: ['vol-0data'], vaultNames: ['weekly'] }, true],
    ['the day it was made on', { fromDate: '2026-02-20T00:00:00.000Z', toDate: '2026-02-20T00:00:00.000Z' }, true],
    ['later days', { fromDate: '2026-02-21T00:00:00.000Z' }, false],
    ['earlier days', { toDate: '2026-02-19T23:59:00.000Z' }, false],
    ['its vault on later days', { vaultNames: ['nightly'], fromDate: '2026-02-21T00:00:00.000Z' }, false],
  ];
  for (const [title, selection, isHeld] of table) {
    it(`is ${isHeld ? '' : 'not '}so for a hold of ${title}`, () => {
      assert.equal(heldBy({ ...none, ...selection }, facts), isHeld);
    });
  }
});
