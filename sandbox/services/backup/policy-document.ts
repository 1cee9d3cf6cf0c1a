/** As much of IAM's policy language as access policies of vaults and keys use. */

export interface Asker {
  readonly account: string;
  /** Of its Organization; undefined: in none. */
  readonly organizationId: string | undefined;
}

interface Statement {
  readonly Effect?: string;
  readonly Principal?: unknown;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Whether the text is a policy: an object with statements. */
export function isPolicy(text: string): boolean {
  try {
    const statements = statementsOf(text);
    return statements.length > 0 && statements.every(({ Effect }) => Effect === 'Allow' || Effect === 'Deny');
  } catch {
    return false;
  }
}

/** What a resource's policy says to an asker from another account: a Deny wins, and what is not allowed is denied. */
export function allows(policy: string, action: string, asker: Asker): boolean {
  const fitting = statementsOf(policy).filter((statement) => applies(statement, action, asker));
  return fitting.some(({ Effect }) => Effect === 'Allow') && fitting.every(({ Effect }) => Effect !== 'Deny');
}

function statementsOf(text: string): Statement[] {
  const { Statement: statements = [] } = JSON.parse(text) as { Statement?: Statement | Statement[] };
  return Array.isArray(statements) ? statements : [statements];
}

function applies(statement: Statement, action: string, asker: Asker): boolean {
  const isMeant =
    statement.NotAction === undefined
      ? textsOf(statement.Action).some((pattern) => matches(pattern, action, true))
      : !textsOf(statement.NotAction).some((pattern) => matches(pattern, action, true));
  return isMeant && isPrincipal(statement.Principal, asker) && conditionsHold(statement.Condition ?? {}, asker);
}

/** `"*"`, `{"AWS": "*"}`, an account's number, or any ARN of it. */
function isPrincipal(principal: unknown, { account }: Asker): boolean {
  const named =
    typeof principal === 'object' && principal !== null
      ? textsOf((principal as { AWS?: unknown }).AWS)
      : textsOf(principal);
  return named.some((name) => name === '*' || name === account || name.split(':')[4] === account);
}

type Conditions = NonNullable<Statement['Condition']>;

function conditionsHold(conditions: Conditions, asker: Asker): boolean {
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(operator, valueOf(key, asker), textsOf(wanted))),
  );
}

function valueOf(key: string, { account, organizationId }: Asker): string | undefined {
  const values: Readonly<Record<string, string | undefined>> = {
    'aws:principalorgid': organizationId,
    'aws:principalaccount': account,
    'aws:sourceaccount': account,
  };
  return values[key.toLowerCase()];
}

function holds(operator: string, value: string | undefined, wanted: readonly string[]): boolean {
  const isNegated = operator.startsWith('StringNot');
  const isPattern = operator.includes('Like');
  const fits = value !== undefined && wanted.some((text) => (isPattern ? matches(text, value, false) : text === value));
  return isNegated ? !fits : fits;
}

function matches(pattern: string, value: string, ignoresCase: boolean): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`, ignoresCase ? 'i' : '').test(value);
}

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
