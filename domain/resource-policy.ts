/**
 * What a policy of a vault or a key says to one caller, as far as it can be told from outside. What cannot be told is
 * `unknown`: AWS decides, and nobody is sent to mend what may be right.
 */
import { like } from './wildcards.ts';

export type Answer = 'allowed' | 'denied' | 'unknown';

export interface Caller {
  readonly account: string;
  /** Roles that may be the one that asks. */
  readonly roleArns: readonly string[];
  /** Null: not known. */
  readonly organization: string | null;
}

/** What is asked for; `resourceArn` is that of what carries the policy. */
export interface Asked {
  readonly action: string;
  readonly resourceArn: string;
  readonly caller: Caller;
}

type Values = string | readonly string[];
type Principals = '*' | Readonly<Record<string, Values>>;

interface Statement {
  readonly Effect?: string;
  readonly Principal?: Principals;
  readonly NotPrincipal?: Principals;
  readonly Action?: Values;
  readonly NotAction?: Values;
  readonly Resource?: Values;
  readonly NotResource?: Values;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Values>>>>;
}

/** @param policy JSON; null: there is none */
export function answerOf(policy: string | null, asked: Asked): Answer {
  const statements = policy === null ? [] : statementsOf(policy);
  if (!statements) return 'unknown';
  const fits = (effect: string): Fit =>
    anyOf(statements.filter((each) => each.Effect === effect).map((each) => fitOf(each, asked)));
  const denied = fits('Deny');
  const allowed = fits('Allow');
  if (denied === 'yes' || allowed === 'no') return 'denied';
  return denied === 'maybe' || allowed === 'maybe' ? 'unknown' : 'allowed';
}

/** Whether it is a statement that denies it, not only the want of one that allows it. */
export const deniesOutright = (policy: string | null, asked: Asked): boolean =>
  policy !== null &&
  anyOf((statementsOf(policy) ?? []).filter(({ Effect }) => Effect === 'Deny').map((each) => fitOf(each, asked))) ===
    'yes';

/** Undefined: it cannot be read. */
function statementsOf(policy: string): readonly Statement[] | undefined {
  try {
    const { Statement: statements = [] } = JSON.parse(policy) as { readonly Statement?: Statement | Statement[] };
    return Array.isArray(statements) ? statements : [statements];
  } catch {
    return undefined;
  }
}

type Fit = 'yes' | 'no' | 'maybe';

/** Whether the statement speaks of what is asked. */
const fitOf = (statement: Statement, asked: Asked): Fit =>
  allOf([
    principalFit(statement, asked.caller),
    actionFit(statement, asked.action),
    resourceFit(statement, asked.resourceArn),
    ...Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => conditionFit(operator, key, listOf(values), asked.caller)),
    ),
  ]);

const allOf = (fits: readonly Fit[]): Fit => (fits.includes('no') ? 'no' : fits.includes('maybe') ? 'maybe' : 'yes');
const anyOf = (fits: readonly Fit[]): Fit => (fits.includes('yes') ? 'yes' : fits.includes('maybe') ? 'maybe' : 'no');
const not = (fit: Fit): Fit => ({ yes: 'no', no: 'yes', maybe: 'maybe' })[fit] as Fit;
const listOf = (values: Values): readonly string[] => (typeof values === 'string' ? [values] : values);

function principalFit({ Principal, NotPrincipal }: Statement, caller: Caller): Fit {
  if (Principal !== undefined) return anyPrincipal(Principal, caller);
  return NotPrincipal === undefined ? 'no' : not(anyPrincipal(NotPrincipal, caller));
}

/** Only principals of AWS's kind: a service, or one of a federation, is none of the callers here. */
const anyPrincipal = (principals: Principals, caller: Caller): Fit =>
  principals === '*' ? 'yes' : anyOf(listOf(principals['AWS'] ?? []).map((each) => onePrincipal(each, caller)));

function onePrincipal(principal: string, { account, roleArns }: Caller): Fit {
  if (principal === '*' || principal === account || roleArns.includes(principal)) return 'yes';
  const [, , , , owner, name] = principal.split(':');
  if (owner !== account) return 'no';
  // Another role or user of that account may be the one that asks.
  return name === 'root' ? 'yes' : 'maybe';
}

function actionFit({ Action, NotAction }: Statement, action: string): Fit {
  const among = (values: Values): boolean =>
    listOf(values).some((each) => like(each.toLowerCase(), action.toLowerCase()));
  if (Action !== undefined) return among(Action) ? 'yes' : 'no';
  return NotAction !== undefined && !among(NotAction) ? 'yes' : 'no';
}

function resourceFit({ Resource, NotResource }: Statement, resourceArn: string): Fit {
  if (NotResource !== undefined) return 'maybe';
  const among = Resource === undefined || listOf(Resource).some((each) => like(each, resourceArn));
  // Some services ask for another ARN than that of what carries the policy, such as a recovery point's.
  return among ? 'yes' : 'maybe';
}

/** What is known of the caller by the key of a condition; undefined: nothing. */
function factsOf(key: string, { account, roleArns, organization }: Caller): readonly string[] | undefined {
  switch (key.toLowerCase()) {
    case 'aws:principalorgid':
      return organization === null ? undefined : [organization];
    case 'aws:principalaccount':
    case 'kms:calleraccount':
      return [account];
    case 'aws:principalarn':
      return roleArns;
    default:
      return undefined;
  }
}

const COMPARED: Readonly<Record<string, (pattern: string, value: string) => boolean>> = {
  StringEquals: (pattern, value) => pattern === value,
  StringLike: like,
  ArnEquals: like,
  ArnLike: like,
};

function conditionFit(operator: string, key: string, values: readonly string[], caller: Caller): Fit {
  // AWS takes keys of its grants for services only when such a grant is asked for, as here.
  if (key.toLowerCase() === 'kms:grantisforawsresource') return values.includes('true') ? 'yes' : 'no';
  const isNot = /^(?:String|Arn)Not/.test(operator);
  const compared = COMPARED[operator.replace('Not', '')];
  const facts = factsOf(key, caller);
  if (!compared || !facts) return 'maybe';
  const found = facts.map((fact) => values.some((value) => compared(value, fact)));
  // Of several roles that may be the one that asks, all must agree.
  const fit: Fit = found.every(Boolean)
    ? 'yes'
    : found.some(Boolean)
      ? 'maybe'
      : key.toLowerCase() === 'aws:principalarn'
        ? 'maybe'
        : 'no';
  return isNot ? not(fit) : fit;
}
