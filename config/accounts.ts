/** `accounts:` – where Holdfast may work, and as whom. */
import type { z } from 'zod';
import type { Account, ConfigTarget } from './config.ts';
import { environmentText, list, mapping, name, ROLE_ARN, text } from './fields.ts';
import type { Complain } from './problem.ts';

const REGION = /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/;
/** As IAM allows it. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;

export const region = () => text('a Region, such as eu-central-1', REGION);

export const account = mapping({
  id: text('an account id of 12 digits in quotes, such as "111122223333"', /^\d{12}$/).describe(
    'The AWS account: 12 digits, in quotes.',
  ),
  name: name().optional().describe('What policies call it. Default: its id.'),
  roleArn: environmentText('the ARN of a role, such as arn:aws:iam::111122223333:role/holdfast', ROLE_ARN)
    .optional()
    .describe('The role that a worker takes there. Default: the worker’s own identity.'),
  externalId: environmentText('an external id: 2 to 1224 letters, digits and + = , . @ : / _ -', EXTERNAL_ID)
    .optional()
    .describe('The external id that the role asks for.'),
  regions: list('a list of Regions, such as [eu-central-1]', region())
    .min(1, { error: 'a list of Regions, at least one, such as [eu-central-1]' })
    .describe('The Regions in which Holdfast works there.'),
});

type Declared = Partial<z.infer<typeof account>>;

/** The accounts, as far as they are what they should be. */
export function resolveAccounts(declared: readonly Declared[], complain: Complain): Account[] {
  for (const [index, { id, name: called, roleArn, externalId, regions = [] }] of declared.entries()) {
    const before = declared.slice(0, index);
    const twice = (what: string): { message: string } => ({ message: `${what} is given twice: give it once` });
    if (id !== undefined && before.some((each) => each.id === id))
      complain(['accounts', index, 'id'], twice(`account ${id}`));
    if (called !== undefined && before.some((each) => each.name === called || each.id === called)) {
      complain(['accounts', index, 'name'], twice(`the name ${called}`));
    }
    for (const [at, each] of regions.entries()) {
      if (regions.indexOf(each) < at) complain(['accounts', index, 'regions', at], twice(each));
    }
    const roleAccount = roleArn === undefined ? undefined : ROLE_ARN.exec(roleArn)?.[1];
    if (roleAccount !== undefined && id !== undefined && roleAccount !== id) {
      complain(['accounts', index, 'roleArn'], {
        message: `is a role of account ${roleAccount}: give one of account ${id}`,
        allowed: `a role of account ${id}`,
      });
    }
    if (externalId !== undefined && roleArn === undefined) {
      complain(['accounts', index, 'externalId'], { message: 'needs a roleArn: only roles ask for an external id' });
    }
  }
  return declared.map(({ id = '', name: called = id, roleArn, externalId, regions = [] }) => ({
    id,
    name: called,
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(externalId === undefined ? {} : { externalId }),
    regions,
  }));
}

export const targetsOf = (accounts: readonly Account[]): ConfigTarget[] =>
  accounts.flatMap(({ id, roleArn, externalId, regions }) =>
    regions.map((each) => ({
      account: id,
      region: each,
      ...(roleArn === undefined ? {} : { roleArn }),
      ...(externalId === undefined ? {} : { externalId }),
    })),
  );
