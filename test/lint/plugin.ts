import { imports } from './rules/imports.ts';
import { noModuleState } from './rules/no-module-state.ts';
import { noPlainThrow } from './rules/no-plain-throw.ts';

export default {
  meta: { name: 'holdfast' },
  rules: { imports, 'no-module-state': noModuleState, 'no-plain-throw': noPlainThrow },
};
