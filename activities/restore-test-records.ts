/** The records of restore tests in S3: written one by one, never over, and read as a chain. */
import { ApplicationFailure } from '@temporalio/activity';
import type { S3Client } from '@aws-sdk/client-s3';
import type { VaultRef } from '../domain/custody.ts';
import type { EvidenceProblem, EvidenceScope } from '../domain/evidence-check.ts';
import type { EvidencePlace } from '../domain/evidence.ts';
import type { RestoreTestInput } from '../domain/restore-test.ts';
import {
  restoreTestDocument,
  restoreTestFolder,
  restoreTestKey,
  restoreTestsRoot,
  type RestoreProof,
  type RestoreTestDocument,
  type RestoreTestHistory,
  type RestoreTestRecord,
} from '../domain/restore-test-record.ts';
import { judgeRestoreTests, parseRestoreTest, restoreTestText } from '../report/restore-test-chain.ts';
import { sha256Of } from '../report/evidence.ts';
import { alive } from './alive.ts';
import { vaultPaths } from './evidence-check.ts';
import { foldersBelow, forAll, keysBelow, putObject, readObject } from './evidence-store.ts';
import { call } from './failure.ts';
import type { ReportDeps } from './report.ts';

export const createRestoreTestRecordsActivities = ({ s3For }: ReportDeps) => ({
  /**
   * Writes a test's record behind the ones before. The same record again is the same.
   *
   * @iam s3:PutObject s3:GetObject s3:ListBucket kms:GenerateDataKey kms:Decrypt
   */
  async recordRestoreTest(input: {
    readonly test: Pick<RestoreTestInput, 'evidence' | 'vault' | 'resourceType'>;
    readonly record: RestoreTestRecord;
  }): Promise<{ readonly key: string }> {
    const { test, record } = input;
    const { target, place } = test.evidence;
    const folder = restoreTestFolder(test.evidence, test);
    return await call({ target, action: 's3:PutObject', resource: `${place.bucket}/${folder}` }, async () => {
      const s3 = s3For(target);
      const before = await readLast(s3, test.evidence, folder);
      if (before?.document.test.runId === record.runId) return { key: before.key };
      const document = restoreTestDocument(test, record, before);
      const key = restoreTestKey(test.evidence, document);
      const body = restoreTestText(document);
      if (await putObject(s3, test.evidence, { key, body, type: 'application/json' }, null)) return { key };
      const message = `s3://${place.bucket}/${key} was written by somebody else meanwhile: it is tried again`;
      throw ApplicationFailure.create({ type: 'Unavailable', message });
    });
  },

  /** How the last test of each vault and type ended, and which one was good. @iam s3:ListBucket s3:GetObject kms:Decrypt */
  async restoreProofs({ evidence }: { readonly evidence: EvidencePlace }): Promise<RestoreProof[]> {
    const { target, place } = evidence;
    return await call({ target, action: 's3:GetObject', resource: place.bucket }, () =>
      alive(async () => {
        const s3 = s3For(target);
        const tested = await testedOf(s3, evidence, EVERYWHERE);
        const lasts = await forAll(tested, async (each) => await readLast(s3, evidence, each.folder));
        return lasts.flatMap((last) => (last ? [proofOf(last.document)] : []));
      }),
    );
  },

  /** Whether the records of restore tests are whole chains. @iam s3:ListBucket s3:GetObject kms:Decrypt */
  async checkRestoreTests(input: {
    readonly evidence: EvidencePlace;
    readonly scope: EvidenceScope;
  }): Promise<{ readonly tests: number; readonly problems: readonly EvidenceProblem[] }> {
    const { evidence, scope } = input;
    const { target, place } = evidence;
    return await call({ target, action: 's3:GetObject', resource: place.bucket }, () =>
      alive(async () => {
        const s3 = s3For(target);
        const problems: EvidenceProblem[] = [];
        let tests = 0;
        for (const each of await testedOf(s3, evidence, scope)) {
          const versions = await readAll(s3, evidence, await keysOf(s3, evidence, each.folder));
          tests += versions.length;
          problems.push(...judgeRestoreTests({ ...each, versions }));
        }
        return { tests, problems };
      }),
    );
  },
});

const EVERYWHERE: EvidenceScope = { account: null, region: null, vault: null, month: null, pointArn: null };

interface Tested {
  readonly vault: VaultRef;
  readonly resourceType: string;
  readonly folder: string;
}

/** The vaults and types that have records. */
async function testedOf(s3: S3Client, evidence: EvidencePlace, scope: EvidenceScope): Promise<Tested[]> {
  const root = restoreTestsRoot(evidence.place.prefix);
  const paths = await vaultPaths(s3, evidence, root, scope);
  const tested = await forAll(paths, async (path) => {
    const [account = '', region = '', name = ''] = path.split('/');
    const vault = { account, region, vault: name };
    const types = await foldersBelow(s3, evidence, `${root}${path}`);
    return types.map((resourceType) => ({
      vault,
      resourceType,
      folder: restoreTestFolder(evidence, { vault, resourceType }),
    }));
  });
  return tested.flat();
}

async function keysOf(s3: S3Client, evidence: EvidencePlace, folder: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of keysBelow(s3, evidence, folder)) keys.push(key);
  return keys;
}

async function readAll(s3: S3Client, evidence: EvidencePlace, keys: readonly string[]) {
  const read = await forAll(keys, async (key) => ({ key, stored: await readObject(s3, evidence, key) }));
  return read.flatMap(({ key, stored }) => (stored ? [{ key, bytes: stored.bytes }] : []));
}

interface LastRecord {
  readonly key: string;
  readonly document: RestoreTestDocument;
  readonly sha256: string;
}

/** Null: there is none. */
async function readLast(s3: S3Client, evidence: EvidencePlace, folder: string): Promise<LastRecord | null> {
  const key = (await keysOf(s3, evidence, folder)).at(-1);
  const stored = key === undefined ? null : await readObject(s3, evidence, key);
  if (key === undefined || !stored) return null;
  const document = parseRestoreTest(stored.bytes);
  if (document) return { key, document, sha256: sha256Of(stored.bytes) };
  const message = `s3://${evidence.place.bucket}/${key} is no record of a restore test: see who wrote it, and move it away`;
  throw ApplicationFailure.nonRetryable(message, 'SafetyRefused');
}

function proofOf({ vault, resourceType, test, lastVerified }: RestoreTestDocument): RestoreProof {
  const { outcome, reason, verifiedAt, secondsToRestore } = test;
  return { vault, resourceType, last: { outcome, reason, verifiedAt, secondsToRestore }, lastVerified };
}

/** What a report shows of each type. */
const MOST_READ = 50;

export async function readRestoreTests(
  s3: S3Client,
  evidence: EvidencePlace,
  { account, region, vault }: VaultRef,
): Promise<RestoreTestHistory[]> {
  const tested = await testedOf(s3, evidence, { ...EVERYWHERE, account, region, vault });
  const histories: RestoreTestHistory[] = [];
  for (const { folder, ...of } of tested) {
    const newest = (await keysOf(s3, evidence, folder)).slice(-MOST_READ).toReversed();
    const documents = (await readAll(s3, evidence, newest)).flatMap(({ bytes }) => parseRestoreTest(bytes) ?? []);
    const tests = documents.map(({ test }) => test);
    histories.push({ ...of, lastVerified: documents[0]?.lastVerified ?? null, tests });
  }
  return histories;
}
