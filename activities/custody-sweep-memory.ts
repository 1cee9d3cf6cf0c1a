/** What the sweeps of a policy remember, as an object in S3. */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { NO_MEMORY, type SweepMemory } from '../domain/custody-sweep.ts';
import type { CustodyPolicy } from '../domain/custody.ts';
import { awsTime } from './aws-time.ts';
import { untilCancelled } from './cancellation.ts';
import { call } from './failure.ts';
import { ours, put, type ReportDeps } from './report.ts';

export function sweepMemoryOf({ s3For }: ReportDeps) {
  return {
    /** Reads what the sweeps of a policy remember; nothing where none was before. @iam s3:GetObject kms:Decrypt */
    async readSweepMemory(input: {
      readonly policy: CustodyPolicy;
    }): Promise<{ readonly at: string; readonly memory: SweepMemory }> {
      const { evidence } = input.policy;
      const key = memoryKey(input.policy);
      return await call({ target: evidence.target, action: 's3:GetObject', resource: key }, async () => {
        try {
          const command = new GetObjectCommand({ ...ours(evidence.target, evidence.place), Key: key });
          const output = await s3For(evidence.target).send(command, untilCancelled());
          const text = (await output.Body?.transformToString()) ?? '';
          return { at: awsTime(output), memory: { ...NO_MEMORY, ...(JSON.parse(text) as SweepMemory) } };
        } catch (error) {
          if ((error as Error).name !== 'NoSuchKey') throw error;
          return { at: awsTime(error as { $metadata: object }), memory: NO_MEMORY };
        }
      });
    },

    /** Writes it; the same again is the same. One sweep of a policy runs at a time. @iam s3:PutObject kms:GenerateDataKey */
    async writeSweepMemory(input: { readonly policy: CustodyPolicy; readonly memory: SweepMemory }): Promise<void> {
      const { policy, memory } = input;
      const { target, place } = policy.evidence;
      const key = memoryKey(policy);
      await call({ target, action: 's3:PutObject', resource: `${place.bucket}/${key}` }, async () => {
        const body = JSON.stringify(memory, null, 2);
        await put(s3For(target), { target, report: place, key, body, type: 'application/json' });
      });
    },
  };
}

const memoryKey = ({ evidence, name }: CustodyPolicy): string => `${evidence.place.prefix}sweeps/${name}.json`;
