/** What an earlier custody of a recovery point left in S3, where its history and the index have been lost. */
import type { OriginalChange, PointRef } from '../domain/custody.ts';
import { evidencePrefix, vaultDayOf, versionOf } from '../domain/evidence-keys.ts';
import type { EvidenceDocument, EvidencePlace } from '../domain/evidence.ts';
import { keysBelow, readObject, textOf } from './evidence-store.ts';
import { call } from './failure.ts';
import type { ReportDeps } from './report.ts';

export const createEarlierCustodyActivities = ({ s3For }: ReportDeps) => ({
  /**
   * What was done to the original, or was about to be, by the last version of its evidence; null: nothing.
   * @iam s3:ListBucket s3:GetObject kms:Decrypt
   */
  async earlierChange(input: {
    readonly evidence: EvidencePlace;
    readonly point: PointRef;
    readonly createdAt: string;
  }): Promise<OriginalChange | null> {
    const { evidence, point, createdAt } = input;
    const { target, place } = evidence;
    const folder = evidencePrefix(place.prefix, vaultDayOf(point, createdAt), point.arn);
    return await call({ target, action: 's3:GetObject', resource: `${place.bucket}/${folder}` }, async () => {
      let last: string | null = null;
      for await (const key of keysBelow(s3For(target), evidence, folder)) {
        if ((versionOf(key) ?? 0) > (versionOf(last ?? '') ?? 0)) last = key;
      }
      const stored = last === null ? null : await readObject(s3For(target), evidence, last);
      return stored ? (JSON.parse(textOf(stored)) as EvidenceDocument).state.change : null;
    });
  },
});
