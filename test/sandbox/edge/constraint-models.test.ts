import assert from 'node:assert/strict';
import { constraintModels } from '../../../sandbox/edge/constraint-models.ts';
import { services } from '../../../sandbox/services/index.ts';

describe('The constraint models', () => {
  for (const [name, model] of Object.entries(constraintModels)) {
    it(`${name}: every pattern is one that JavaScript reads`, () => {
      for (const { pattern } of Object.values(model.shapes)) {
        if (pattern !== undefined) assert.doesNotThrow(() => new RegExp(`^(?:${pattern})$`, 'u'), pattern);
      }
    });

    it(`${name}: every shape that is named is there, or has no constraints`, () => {
      for (const shape of Object.values(model.operations)) assert.ok(model.shapes[shape], shape);
    });

    it(`${name}: the sandbox has every operation of the model`, () => {
      const operations = services.get(name)?.operations ?? {};
      assert.deepEqual(
        Object.keys(model.operations).filter((operation) => !operations[operation]),
        [],
      );
    });
  }

  it('cover every operation of the sandbox that has an input with constraints', () => {
    const without = [...services].flatMap(([name, { operations }]) =>
      Object.keys(operations)
        .filter((operation) => constraintModels[name]?.operations[operation] === undefined)
        .map((operation) => `${name}:${operation}`),
    );
    assert.deepEqual(without, [
      'sns:ListTopics',
      'sqs:ListQueues',
      'sts:GetCallerIdentity',
      'organizations:DescribeOrganization',
      'backup:DescribeRegionSettings',
      'backup:DescribeGlobalSettings',
      'backup:UpdateGlobalSettings',
      'ec2:DescribeVolumes',
      'ec2:DescribeImages',
    ]);
  });
});
