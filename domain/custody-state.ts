/** What custodies, and rules that are made up, begin with. */
import type { CustodyState, RuleMatch } from './custody.ts';

/** Of a custody that knows nothing yet. */
export const newCustodyState = (): CustodyState => ({
  phase: 'opening',
  point: null,
  tags: {},
  rule: null,
  legs: [],
  change: null,
  waiting: null,
  blocked: null,
  retrying: null,
  outcome: null,
  reason: null,
  openedAt: null,
  closedAt: null,
  evidence: { versions: 0, sha256: null, key: null },
  steering: [],
  now: '',
});

/** Asks for nothing: rules that are made up here spread it. */
export const ANY_POINT: RuleMatch = {
  accounts: [],
  regions: [],
  vaults: [],
  resourceTypes: [],
  allOf: [],
  anyOf: [],
  noneOf: [],
  createdBy: 'any',
  source: 'any',
};
