/** Tells operators once what a sweep found anew. */
import { digestOf, toldOf } from '../domain/custody-sweep-digest.ts';
import type { NeedyCustodies, Sweep } from '../domain/custody-sweep.ts';
import type { CustodyPolicy } from '../domain/custody.ts';
import { sweepCustodies } from './activities.ts';
import { sweepResult } from './custody-reconcile-text.ts';
import { troubleOf } from './failures.ts';
import { toldByTopic } from './operators.ts';

/** What nobody could be told is told by the next sweep. */
export async function tellNews(policy: CustodyPolicy, sweep: Sweep): Promise<void> {
  const topicArn = policy.operatorTopicArn;
  if (topicArn === null) return;
  const needy = await needyOf(policy);
  if (needy === null) return;
  const result = sweepResult(policy, sweep);
  const digest = digestOf(policy.name, result, needy, sweep.before.told);
  if (digest !== null && (await toldByTopic(topicArn, digest.subject, digest.message)) !== null) return;
  sweep.memory = { ...sweep.memory, told: toldOf(result, needy) };
}

/** Null: Temporal could not count them now. */
async function needyOf({ sources }: CustodyPolicy): Promise<NeedyCustodies | null> {
  try {
    return await sweepCustodies.countNeedy({ sources });
  } catch (error) {
    if (!troubleOf(error)) throw error;
    return null;
  }
}
