import type { Rule } from './rule.ts';

interface Throw {
  readonly argument: { readonly type: string; readonly callee?: { readonly type: string; readonly name?: string } };
}

const plainErrors = /^(Aggregate|Eval|Range|Reference|Syntax|Type|URI)?Error$/;

/** Temporal retries a workflow task that throws anything but a failure of its own: the run never ends. */
export const noPlainThrow: Rule = {
  meta: { type: 'problem', docs: { description: 'workflows throw ApplicationFailure, never a plain Error' } },
  create: (context) => ({
    ThrowStatement(node: Throw) {
      const { type, callee } = node.argument;
      if (type !== 'NewExpression' && type !== 'CallExpression') return;
      if (callee?.type !== 'Identifier' || !plainErrors.test(callee.name ?? '')) return;
      const message =
        `a workflow that throws ${callee.name} is retried for ever instead of failing: ` +
        "throw ApplicationFailure.nonRetryable(message, '<type>')";
      context.report({ node, message });
    },
  }),
};
