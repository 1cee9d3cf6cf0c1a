/** What can be asked of, and said to, the custody of a recovery point; loads outside a workflow too. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CustodyHealth, CustodyHint, CustodyInput, CustodyRule, CustodyState } from '../domain/custody.ts';
import type { By, SteeringAnswer } from '../domain/steering.ts';

export interface CustodyStatus extends CustodyState {
  readonly input: CustodyInput;
  readonly health: CustodyHealth;
}

export const custodyStatusQuery = defineQuery<CustodyStatus>('status');

/** Something happened: what is waited for is looked at now. */
export const custodyHintSignal = defineSignal<[CustodyHint]>('hint');
/** From the copy queue: the copy into that vault may begin. */
export const copyGrantedSignal = defineSignal<[{ readonly destinationVaultArn: string }]>('copyGranted');
/** From the index of settled points: its entry is written. */
export const indexedSignal = defineSignal('indexed');

/** What is blocked is tried again now: one leg, or all. */
export const resumeCustodyUpdate = defineUpdate<SteeringAnswer, [By & { readonly leg: string | null }]>('resume');
/** The rule as it is in the policy now holds from here on, for what has not begun. */
export const adoptRuleUpdate = defineUpdate<SteeringAnswer, [By & { readonly rule: CustodyRule }]>('adoptRule');
/** The custody ends: no further copy, and the original is left as it is. */
export const releaseCustodyUpdate = defineUpdate<SteeringAnswer, [By]>('release');
