/** `policies.custody.<name>.restoreTests:` – what of which vaults is restored now and then, to prove that it comes back. */
import { z } from 'zod';
import type { CustodyPolicy } from '../domain/custody.ts';
import {
  placeProblem,
  RESTORE_TEST_DEFAULTS,
  restoreTestId,
  TESTED_TYPES,
  type RestoreTestInput,
  type RestoreTestsInput,
} from '../domain/restore-test.ts';
import type { Account } from './config.ts';
import { duration, list, mapping, oneOf, text } from './fields.ts';
import { targetOf } from './places.ts';
import { inUnit, where } from './policy-fields.ts';
import type { Complain, Path } from './problem.ts';

const isolated = mapping({
  availabilityZone: text('an Availability Zone, such as eu-central-1a')
    .optional()
    .describe('EBS: the zone in which the volume is made; it is attached to nothing.'),
  subnetGroup: text('the name of a DB subnet group')
    .optional()
    .describe('RDS: the subnet group of a network that reaches nothing else.'),
  securityGroups: list('a list of security groups', text('the id of a security group: sg-…', /^sg-[0-9a-f]{8,17}$/))
    .optional()
    .describe('RDS: the security groups of the instance. Default: the network’s own.'),
  instanceClass: text('a DB instance class, such as db.t4g.small', /^db\.[a-z0-9.-]+$/)
    .optional()
    .describe('RDS: the class of the instance. Default: as it was backed up.'),
});

const check = z
  .union(
    [
      z.literal('aws'),
      mapping({
        command: list('a program and its arguments', text('an argument'))
          .min(1, { error: 'a program and its arguments, such as [/opt/check.sh, --quick]' })
          .describe('The worker runs it, without a shell; it ends with 0 when the data are good.'),
      }),
    ],
    { error: 'aws, or a program such as { command: [/opt/check.sh] }' },
  )
  .optional();

const restoreTest = mapping({
  ...where,
  vault: text('the name of a vault').describe(
    'The vault from which is restored; copies are tested in their own account.',
  ),
  resourceTypes: list(`a list of resource types: ${TESTED_TYPES.join(', ')}`, oneOf(TESTED_TYPES))
    .min(1, { error: `a list of resource types: ${TESTED_TYPES.join(', ')}` })
    .describe('One recovery point of each is restored.'),
  pick: oneOf(['newest', 'random'])
    .optional()
    .describe(`Which recovery point. Default: ${RESTORE_TEST_DEFAULTS.pick}.`),
  isolated: isolated.optional().describe('Where it is restored: a place that nobody else uses.'),
  check: check.describe(
    'What shows that it came back: what AWS shows of it (aws), or a program of yours besides. Default: aws.',
  ),
  timeout: duration().optional().describe('A restore or a check that takes longer has failed. Default: 4h.'),
});

export const restoreTests = list('a list of restore tests', restoreTest)
  .min(1, { error: 'a list of restore tests, at least one' })
  .optional()
  .describe('What is restored to prove that it comes back, and deleted again. A schedule says when.');

type Given = Partial<z.infer<typeof restoreTest>>;

interface Resolving {
  readonly accounts: readonly Account[];
  readonly complain: Complain;
}

/** @param policies those that have been judged: of the others, tests are left out */
export function resolveRestoreTests(
  given: Readonly<Record<string, { readonly restoreTests?: readonly Given[] | undefined }>>,
  policies: Readonly<Record<string, CustodyPolicy>>,
  resolving: Resolving,
): Readonly<Record<string, RestoreTestsInput>> {
  const resolved = Object.entries(given).flatMap(([name, declared]): [string, RestoreTestsInput][] => {
    const policy = policies[name];
    if (!policy || !declared.restoreTests) return [];
    const path = ['policies', 'custody', name, 'restoreTests'];
    const tests = declared.restoreTests.map((each, index) => testsOf(each, policy, [...path, index], resolving));
    judgeTwice(tests, path, resolving.complain);
    return [[name, { policy: name, target: policy.evidence.target, tests: tests.flat() }]];
  });
  return Object.fromEntries(resolved);
}

function testsOf(given: Given, policy: CustodyPolicy, path: Path, { accounts, complain }: Resolving) {
  const target = targetOf(given, accounts, path, complain);
  return (given.resourceTypes ?? []).map((resourceType): RestoreTestInput => {
    const test: RestoreTestInput = {
      policy: policy.name,
      vault: { ...target, vault: given.vault ?? '' },
      resourceType,
      pick: given.pick ?? RESTORE_TEST_DEFAULTS.pick,
      isolated: isolatedOf(given.isolated),
      check:
        given.check === undefined || given.check === 'aws'
          ? { kind: 'aws' }
          : { kind: 'command', command: given.check.command },
      timeoutMinutes: inUnit(given.timeout, 'minutes', RESTORE_TEST_DEFAULTS.timeoutMinutes),
      backupRole: policy.backupRole,
      evidence: policy.evidence,
      operatorTopicArn: policy.operatorTopicArn,
    };
    const message = placeProblem(test);
    if (message !== null) complain([...path, 'isolated'], { message: `lacks something: ${message}` });
    if (test.timeoutMinutes < 1) {
      complain([...path, 'timeout'], {
        message: `must be at least 1m, got ${given.timeout ?? ''}`,
        allowed: '1m or more',
      });
    }
    return test;
  });
}

const isolatedOf = (given: z.infer<typeof isolated> = {}): RestoreTestInput['isolated'] => ({
  availabilityZone: given.availabilityZone ?? null,
  subnetGroup: given.subnetGroup ?? null,
  securityGroups: given.securityGroups ?? [],
  instanceClass: given.instanceClass ?? null,
});

/** The second would be refused as long as the first one runs. */
function judgeTwice(tests: readonly (readonly RestoreTestInput[])[], path: Path, complain: Complain): void {
  const ids = new Set<string>();
  for (const [index, some] of tests.entries()) {
    for (const test of some) {
      const id = restoreTestId(test);
      if (ids.has(id)) {
        complain([...path, index, 'resourceTypes'], {
          message: `has ${test.resourceType} of vault ${test.vault.vault} twice: give it once`,
        });
      }
      ids.add(id);
    }
  }
}
