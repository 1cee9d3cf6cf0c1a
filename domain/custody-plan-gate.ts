/** What the gate of an original would say if all copies that a rule wants were verified now: by the gate itself. */
import { type CustodyRule, type CustodyState, type Hop, type Leg, type PointFacts } from './custody.ts';
import { newCustodyState } from './custody-state.ts';
import { legsOf } from './custody-legs.ts';
import { gateOf, type GateLook } from './original-gate.ts';

export interface PlannedGate {
  readonly kind: 'open' | 'waiting' | 'blocked';
  /** Why not; null: it is open. */
  readonly why: string | null;
  /** What a person can do; null: nothing, or nothing is to be done. */
  readonly remedy: string | null;
}

/** Null: the original stays as it is. What keeps a copy from being verified is told of the copy. */
export function plannedGate(rule: CustodyRule, look: Omit<GateLook, 'state'>, now: string): PlannedGate | null {
  const { source } = look;
  if (!source) return null;
  const legs = legsOf(rule, source, now).map(asVerified);
  const survivors = legs.flatMap(({ hops }) => hops.slice(-1).map((hop) => promised(hop, source)));
  const verdict = gateOf({ ...look, survivors, state: stateOf(rule, legs, source) });
  switch (verdict.kind) {
    case 'open':
      return { kind: 'open', why: null, remedy: null };
    case 'waiting':
      return { kind: 'waiting', why: verdict.why, remedy: null };
    case 'blocked': {
      const { code, message, remedy } = verdict.obstacle;
      return code === 'verification' ? null : { kind: 'blocked', why: message, remedy };
    }
    case 'nothing':
    case 'gone':
      return null;
  }
}

const asVerified = (leg: Leg): Leg => ({
  ...leg,
  hops: leg.hops.map((hop) => ({ ...hop, step: 'verified', copyArn: `the copy of ${leg.rule.name}` })),
});

/** The copy as the leg promises it. */
const promised = ({ to, lifecycle, copyArn }: Hop, source: PointFacts): PointFacts => ({
  ...source,
  ref: { ...to, arn: copyArn ?? '' },
  status: 'COMPLETED',
  lifecycle: lifecycle ?? source.lifecycle,
  moveToColdAt: null,
  deleteAt: null,
  isEncrypted: true,
  encryptionKeyArn: `arn:aws:kms:${to.region}:${to.account}:key/of-the-vault`,
});

const stateOf = (rule: CustodyRule, legs: Leg[], point: PointFacts): CustodyState => ({
  ...newCustodyState(),
  phase: 'settling',
  point,
  rule,
  legs,
  now: point.at,
});
