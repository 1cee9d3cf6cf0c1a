import type { Rule } from './rule.ts';

interface Program {
  readonly body: readonly Statement[];
}

interface Statement {
  readonly type: string;
  readonly kind?: string;
  readonly declaration?: Statement | null;
  readonly declarations?: readonly { readonly init: Value | null }[];
}

interface Value {
  readonly type: string;
  readonly callee?: { readonly type: string; readonly name?: string };
  readonly arguments?: readonly unknown[];
}

const collections = /^(Weak)?(Map|Set)$/;

/** A module is loaded once for all workflows of a worker's thread: what one keeps in it, another would read. */
export const noModuleState: Rule = {
  meta: { type: 'problem', docs: { description: 'modules that workflows load keep nothing of a run' } },
  create: (context) => ({
    Program({ body }: Program) {
      for (const statement of body) {
        const declared = statement.declaration ?? statement;
        if (declared.type !== 'VariableDeclaration' || !keepsState(declared)) continue;
        const message = 'workflows share this module: keep it in a variable of the run, not of the module';
        context.report({ node: declared, message });
      }
    },
  }),
};

/** An empty collection is made to be filled. */
const keepsState = ({ kind, declarations = [] }: Statement): boolean =>
  kind !== 'const' ||
  declarations.some(
    ({ init }) =>
      init?.type === 'NewExpression' &&
      init.callee?.type === 'Identifier' &&
      collections.test(init.callee.name ?? '') &&
      init.arguments?.length === 0,
  );
