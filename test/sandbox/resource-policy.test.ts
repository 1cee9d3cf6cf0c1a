import assert from 'node:assert/strict';
import { policyAllows } from '../../sandbox/resource-policy.ts';

const ACCOUNT = '444455556666';

/** Whether account 444455556666 of organization o-1 may copy into a vault with these statements. */
const allows = (...Statement: object[]): boolean =>
  policyAllows(JSON.stringify({ Version: '2012-10-17', Statement }), {
    action: 'backup:CopyIntoBackupVault',
    account: ACCOUNT,
    context: { 'aws:PrincipalOrgID': 'o-1', 'kms:GrantIsForAWSResource': 'true' },
  });

const allow = { Effect: 'Allow', Principal: '*', Action: 'backup:CopyIntoBackupVault', Resource: '*' };
const when = (operator: string, key: string, value: string | string[]) => ({
  ...allow,
  Condition: { [operator]: { [key]: value } },
});

describe('A policy of a resource', () => {
  const cases: readonly (readonly [name: string, allowed: boolean, statements: readonly object[]])[] = [
    ['allows nothing without a statement', false, []],
    ['allows everybody', true, [allow]],
    ['allows an account by its number', true, [{ ...allow, Principal: { AWS: ACCOUNT } }]],
    ['allows an account by its root', true, [{ ...allow, Principal: { AWS: [`arn:aws:iam::${ACCOUNT}:root`] } }]],
    ['does not allow another account', false, [{ ...allow, Principal: { AWS: '111122223333' } }]],
    ['does not allow a service in an account’s stead', false, [{ ...allow, Principal: { Service: 'x' } }]],
    ['allows actions by pattern, in any case', true, [{ ...allow, Action: ['backup:copy*', 's3:GetObject'] }]],
    ['does not allow other actions', false, [{ ...allow, Action: 'backup:StartCopyJob' }]],
    ['denies before all else', false, [allow, { ...allow, Effect: 'Deny' }]],
    ['allows under a condition that holds', true, [when('StringEquals', 'aws:PrincipalOrgID', ['o-0', 'o-1'])]],
    ['knows keys in any case', true, [when('StringEquals', 'AWS:principalorgid', 'o-1')]],
    ['does not allow under one that does not', false, [when('StringEquals', 'aws:PrincipalOrgID', 'o-2')]],
    ['does not allow where it knows no value', false, [when('StringEquals', 'aws:SourceVpc', 'vpc-1')]],
    ['allows if that value may be missing', true, [when('StringEqualsIfExists', 'aws:SourceVpc', 'vpc-1')]],
    ['matches patterns', true, [when('StringLike', 'aws:PrincipalOrgID', 'o-?')]],
    ['reads negations', false, [when('StringNotEquals', 'aws:PrincipalOrgID', 'o-1')]],
    ['reads truth values', true, [when('Bool', 'kms:GrantIsForAWSResource', 'True')]],
  ];
  for (const [name, allowed, statements] of cases) {
    it(name, () => assert.equal(allows(...statements), allowed));
  }

  it('that is not there allows nothing', () => {
    assert.equal(policyAllows(null, { action: 'sqs:SendMessage', account: ACCOUNT, context: {} }), false);
  });
});
