/** What evidence and index have of one recovery point, also when Temporal has long forgotten its custody. */
import type { CustodyRecord } from '../domain/custody-record.ts';
import type { VaultDay } from '../domain/evidence-keys.ts';
import type { EvidenceDocument, EvidencePlace } from '../domain/evidence.ts';
import { alive } from './alive.ts';
import { readIndex } from './evidence-index.ts';
import { forAll, readObject, textOf } from './evidence-store.ts';
import { call } from './failure.ts';
import type { ReportDeps } from './report.ts';

export const createCustodyRecordsActivities = ({ s3For }: ReportDeps) => ({
  /** Looks through the index of these days; null: none has the point. @iam s3:GetObject s3:ListBucket kms:Decrypt */
  async findRecord(input: {
    readonly evidence: EvidencePlace;
    readonly days: readonly VaultDay[];
    readonly pointArn: string;
  }): Promise<CustodyRecord | null> {
    const { evidence, days, pointArn } = input;
    const { target, place } = evidence;
    const s3 = s3For(target);
    return await call({ target, action: 's3:GetObject', resource: place.bucket }, () =>
      alive(async () => {
        const indexes = await forAll(days, (day) => readIndex(s3, evidence, day));
        const entry = indexes.flat().find((each) => each.pointArn === pointArn);
        if (!entry) return null;
        const stored = entry.evidence && (await readObject(s3, evidence, entry.evidence.key));
        return { entry, document: stored ? (JSON.parse(textOf(stored)) as EvidenceDocument) : null };
      }),
    );
  },
});
