/** Whether a resource's own policy lets somebody do something: as much of IAM's language as such policies use here. */
import { like } from './wildcards.ts';

export interface PolicyRequest {
  readonly action: string;
  readonly account: string;
  /** What conditions may ask for, such as `aws:PrincipalOrgID`. A key that is not here matches nothing. */
  readonly context: Readonly<Record<string, string>>;
}

type OneOrMore = string | readonly string[];

interface Statement {
  readonly Effect?: string;
  readonly Principal?: '*' | { readonly AWS?: OneOrMore };
  readonly Action?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
}

/** A denial wins over everything that allows. @param policy JSON; null: there is none, which allows nothing */
export function policyAllows(policy: string | null, request: PolicyRequest): boolean {
  if (policy === null) return false;
  const { Statement: given = [] } = JSON.parse(policy) as { Statement?: Statement | readonly Statement[] };
  const statements: readonly Statement[] = Array.isArray(given) ? given : [given as Statement];
  const matching = statements.filter((statement) => matches(statement, request));
  return matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect === 'Deny');
}

function matches({ Principal, Action = [], Condition = {} }: Statement, request: PolicyRequest): boolean {
  const isNamed = listOf(Action).some((pattern) => like(pattern.toLowerCase(), request.action.toLowerCase()));
  return isNamed && isPrincipal(Principal, request) && conditionsHold(Condition, request.context);
}

/** Everybody, an account, or any identity of it: which of an account's identities asks is not looked at. */
function isPrincipal(principal: Statement['Principal'], { account }: PolicyRequest): boolean {
  if (principal === undefined) return false;
  if (principal === '*') return true;
  return listOf(principal.AWS ?? []).some((name) => ['*', account].includes(name) || name.split(':')[4] === account);
}

function conditionsHold(conditions: NonNullable<Statement['Condition']>, context: PolicyRequest['context']): boolean {
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, listOf(wanted), valueOf(context, key))),
  );
}

function holds(operator: string, wanted: readonly string[], value: string | undefined): boolean {
  if (value === undefined && operator.endsWith('IfExists')) return true;
  const meets = value !== undefined && wanted.some((pattern) => compare(operator, pattern, value));
  return /Not(Equals|Like)/.test(operator) ? !meets : meets;
}

function compare(operator: string, pattern: string, value: string): boolean {
  if (operator.includes('Like')) return like(pattern, value);
  return /IgnoreCase|^Bool/.test(operator) ? pattern.toLowerCase() === value.toLowerCase() : pattern === value;
}

/** Names of condition keys are the same in upper and lower case. */
function valueOf(context: PolicyRequest['context'], key: string): string | undefined {
  return Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

const listOf = (given: OneOrMore): readonly string[] => (typeof given === 'string' ? [given] : given);
