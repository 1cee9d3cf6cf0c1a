/** The text of a restore test's document, and whether those of a vault and a type are a whole chain. */
import { z } from 'zod';
import { canonicalJson } from '../domain/canonical-json.ts';
import type { EvidenceProblem } from '../domain/evidence-check.ts';
import { versionOf } from '../domain/evidence-keys.ts';
import { lastVerifiedBy, RESTORE_TEST_SCHEMA, type RestoreTestDocument } from '../domain/restore-test-record.ts';
import { complain, judgeLinks, type ReadVersion } from './evidence-chain.ts';
import { sha256Of } from './evidence.ts';

export const restoreTestText = (document: RestoreTestDocument): string => `${canonicalJson(document, 2)}\n`;

const text = z.string();
const seconds = z.number().nullable();
const verified = z.object({ verifiedAt: text, secondsToRestore: seconds, pointArn: text.nullable() });

/** Documents are kept for years: what is added later must be optional here, or the schema gets a new number. */
const schema: z.ZodType<RestoreTestDocument> = z.strictObject({
  schema: z.literal(RESTORE_TEST_SCHEMA),
  version: z.int().min(1),
  vault: z.object({ account: text, region: text, vault: text }),
  resourceType: text,
  test: z.object({
    workflowId: text,
    runId: text,
    pointArn: text.nullable(),
    resourceArn: text.nullable(),
    pointCreatedAt: text.nullable(),
    outcome: z.enum(['verified', 'failed', 'nothingToTest', 'cancelled']),
    ok: z.boolean(),
    reason: text,
    verifiedAt: text,
    secondsToRestore: seconds,
    jobId: text.nullable(),
    restoredArn: text.nullable(),
  }),
  lastVerified: verified.nullable(),
  previousSha256: text.nullable(),
});

/** Null: it is no such document. */
export function parseRestoreTest(bytes: Uint8Array): RestoreTestDocument | null {
  try {
    return schema.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))).data ?? null;
  } catch {
    return null;
  }
}

interface ReadRestoreTests extends Pick<RestoreTestDocument, 'vault' | 'resourceType'> {
  readonly versions: readonly ReadVersion[];
}

export function judgeRestoreTests({ vault, resourceType, versions }: ReadRestoreTests): EvidenceProblem[] {
  const problems: EvidenceProblem[] = [];
  const links = versions.flatMap(({ key, bytes }) => {
    const version = versionOf(key);
    const document = parseRestoreTest(bytes);
    const lies = canonicalJson({ vault, resourceType, version });
    if (version === undefined || !document) {
      complain(problems, 'invalid', key, 'is no record of a restore test: bring back what Holdfast wrote');
    } else if (canonicalJson(placeOf(document)) !== lies) {
      complain(
        problems,
        'invalid',
        key,
        `says that it is ${canonicalJson(placeOf(document))}: it does not belong here`,
      );
    }
    return version === undefined ? [] : [{ key, version, sha256: sha256Of(bytes), document }];
  });
  links.sort((a, b) => a.version - b.version);
  judgeLinks(links, problems);
  for (const [index, { key, document }] of links.entries()) {
    const before = index === 0 ? null : links[index - 1]?.document;
    if (!document || before === undefined || (before === null && index > 0)) continue;
    const { test, lastVerified } = document;
    if (canonicalJson(lastVerified) === canonicalJson(lastVerifiedBy(test, before?.lastVerified ?? null))) continue;
    complain(problems, 'differs', key, 'names another last verified restore than the records before it');
  }
  return problems;
}

const placeOf = ({ vault, resourceType, version }: RestoreTestDocument) => ({ vault, resourceType, version });
