import { imports } from './rules/imports.ts';
import { noPlainThrow } from './rules/no-plain-throw.ts';

export default { meta: { name: 'holdfast' }, rules: { imports, 'no-plain-throw': noPlainThrow } };
