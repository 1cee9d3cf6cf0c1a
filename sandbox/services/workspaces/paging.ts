import { paginate } from '../../pagination.ts';
import type { Page } from '../../pagination.ts';
import { AwsError } from '../../service.ts';
import type { Call } from '../../service.ts';

const MOST = 25;

interface Input {
  readonly NextToken?: string | undefined;
}

/** A page of this service: 25 at most; its tokens are good for a day. */
export function page<Item>(
  call: Call,
  operation: string,
  input: Input,
  items: readonly Item[],
  idOf: (item: Item) => string,
  pageSize = MOST,
): Page<Item> {
  const { NextToken: token, ...parameters } = input;
  const invalidToken = () =>
    new AwsError('InvalidParameterValuesException', 'The NextToken is not valid or has expired.');
  return paginate({ operation, items, idOf, pageSize, token, parameters, invalidToken }, call);
}
