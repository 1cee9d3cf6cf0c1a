import assert from 'node:assert/strict';
import { answerOf, deniesOutright, type Answer, type Asked } from '../../domain/resource-policy.ts';
import { BACKUP_ACCOUNT, ORGANIZATION, SOURCE_ACCOUNT } from '../rig/custody-facts.ts';

const ROLE = `arn:aws:iam::${SOURCE_ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole`;
const VAULT = `arn:aws:backup:eu-central-1:${BACKUP_ACCOUNT}:backup-vault:nightly`;
const asked: Asked = {
  action: 'backup:CopyIntoBackupVault',
  resourceArn: VAULT,
  caller: { account: SOURCE_ACCOUNT, roleArns: [ROLE], organization: ORGANIZATION },
};
const allow = { Effect: 'Allow', Principal: '*', Action: 'backup:CopyIntoBackupVault', Resource: '*' };
const deny = { ...allow, Effect: 'Deny' };
const inOrganization = (id: string, operator = 'StringEquals') => ({
  Condition: { [operator]: { 'aws:PrincipalOrgID': id } },
});
const answer = (...statements: object[]): Answer => answerOf(JSON.stringify({ Statement: statements }), asked);

describe('answerOf', () => {
  const table: readonly [title: string, statements: object[], answer: Answer][] = [
    ['no statement', [], 'denied'],
    ['an Allow for everybody', [allow], 'allowed'],
    ['an Allow for the account', [{ ...allow, Principal: { AWS: SOURCE_ACCOUNT } }], 'allowed'],
    ['an Allow for its root', [{ ...allow, Principal: { AWS: [`arn:aws:iam::${SOURCE_ACCOUNT}:root`] } }], 'allowed'],
    ['an Allow for the role', [{ ...allow, Principal: { AWS: ROLE } }], 'allowed'],
    ['an Allow for another account', [{ ...allow, Principal: { AWS: '999900001111' } }], 'denied'],
    ['an Allow for another role of the account', [{ ...allow, Principal: { AWS: `${ROLE}2` } }], 'unknown'],
    ['an Allow for a service', [{ ...allow, Principal: { Service: 'backup.amazonaws.com' } }], 'denied'],
    ['an Allow for another action', [{ ...allow, Action: ['backup:StartRestoreJob'] }], 'denied'],
    ['an Allow with a wildcard', [{ ...allow, Action: 'backup:Copy*' }], 'allowed'],
    ['an Allow in other letters', [{ ...allow, Action: 'Backup:copyintobackupvault' }], 'allowed'],
    ['an Allow for all but others', [{ ...allow, Action: undefined, NotAction: 'backup:Delete*' }], 'allowed'],
    ['an Allow for all but this', [{ ...allow, Action: undefined, NotAction: 'backup:Copy*' }], 'denied'],
    ['an Allow for the vault', [{ ...allow, Resource: VAULT }], 'allowed'],
    ['an Allow for another resource', [{ ...allow, Resource: 'arn:aws:backup:*:*:recovery-point:*' }], 'unknown'],
    ['an Allow in the organization', [{ ...allow, ...inOrganization(ORGANIZATION) }], 'allowed'],
    ['an Allow in another organization', [{ ...allow, ...inOrganization('o-other') }], 'denied'],
    [
      'an Allow with a condition that is not known',
      [{ ...allow, Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }],
      'unknown',
    ],
    [
      'an Allow with an operator that is not known',
      [{ ...allow, ...inOrganization('o-*', 'StringLikeIfExists') }],
      'unknown',
    ],
    ['a Deny beside an Allow', [allow, deny], 'denied'],
    ['a Deny for another account', [allow, { ...deny, Principal: { AWS: '999900001111' } }], 'allowed'],
    [
      'a Deny for all but the account',
      [allow, { ...deny, Principal: undefined, NotPrincipal: { AWS: SOURCE_ACCOUNT } }],
      'allowed',
    ],
    [
      'a Deny for all but another one',
      [allow, { ...deny, Principal: undefined, NotPrincipal: { AWS: '999900001111' } }],
      'denied',
    ],
    [
      'a Deny outside the organization',
      [allow, { ...deny, ...inOrganization(ORGANIZATION, 'StringNotEquals') }],
      'allowed',
    ],
    [
      'a Deny outside another organization',
      [allow, { ...deny, ...inOrganization('o-other', 'StringNotEquals') }],
      'denied',
    ],
    [
      'a Deny that may be meant',
      [allow, { ...deny, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
      'unknown',
    ],
  ];
  for (const [title, statements, expected] of table) {
    it(`takes ${title} for ${expected}`, () => assert.equal(answer(...statements), expected));
  }

  it('takes one statement that is not in a list, and no policy at all', () => {
    assert.equal(answerOf(JSON.stringify({ Statement: allow }), asked), 'allowed');
    assert.equal(answerOf(null, asked), 'denied');
  });

  it('does not know what it cannot read', () => {
    assert.equal(answerOf('{ no JSON', asked), 'unknown');
  });

  it('does not know of an organization what nobody could read', () => {
    const somewhere = { ...asked, caller: { ...asked.caller, organization: null } };
    assert.equal(
      answerOf(JSON.stringify({ Statement: [{ ...allow, ...inOrganization(ORGANIZATION) }] }), somewhere),
      'unknown',
    );
  });

  it('takes grants that are for services of AWS only for such', () => {
    const grants = (value: string) => ({
      Statement: [{ ...allow, Action: 'kms:CreateGrant', Condition: { Bool: { 'kms:GrantIsForAWSResource': value } } }],
    });
    const grant = { ...asked, action: 'kms:CreateGrant' };
    assert.equal(answerOf(JSON.stringify(grants('true')), grant), 'allowed');
    assert.equal(answerOf(JSON.stringify(grants('false')), grant), 'denied');
  });
});

describe('deniesOutright', () => {
  it('tells a Deny from the want of an Allow', () => {
    assert.equal(deniesOutright(JSON.stringify({ Statement: [allow, deny] }), asked), true);
    assert.equal(deniesOutright(JSON.stringify({ Statement: [] }), asked), false);
    assert.equal(deniesOutright(null, asked), false);
    assert.equal(deniesOutright('{ no JSON', asked), false);
  });
});
