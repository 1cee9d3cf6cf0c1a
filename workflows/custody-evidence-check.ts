/** Checks that evidence is whole and that the index says the same: read-only, a few hundred points at a time. */
import { continueAsNew, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { EvidencePage, EvidencePosition } from '../activities/evidence-check.ts';
import {
  addCounts,
  NO_COUNTS,
  type EvidenceCheckInput,
  type EvidenceCheckResult,
  type VaultDays,
} from '../domain/evidence-check.ts';
import type { VaultDay } from '../domain/evidence-keys.ts';
import { evidenceReads } from './activities.ts';
import { restoreTestReads } from './restore-test-activities.ts';

/** Of all problems, those that are told one by one. */
const MOST_TOLD = 500;
/** Days that one call is given. */
const DAYS_A_CALL = 100;

const NOTHING: EvidenceCheckResult = {
  ...NO_COUNTS,
  days: 0,
  restoreTests: 0,
  problemCount: 0,
  problems: [],
  chain: [],
};

/** @param carried what a run found that was continued as this one, and the last day that it has checked */
export async function custodyEvidenceCheck(
  input: EvidenceCheckInput,
  carried: { readonly found: EvidenceCheckResult; readonly done: string } = { found: NOTHING, done: '' },
): Promise<EvidenceCheckResult> {
  const { evidence, scope } = input;
  let { found, done } = carried;
  setCurrentDetails('Looking for evidence; nothing is changed');
  const days = daysOf(await evidenceReads.evidenceDays({ evidence, scope })).filter((day) => nameOf(day) > done);
  for (let at = 0; at < days.length; at += DAYS_A_CALL) {
    const some = days.slice(at, at + DAYS_A_CALL);
    found = await checkDays(input, some, found);
    found = { ...found, days: found.days + some.length };
    done = nameOf(some.at(-1) as VaultDay);
    setCurrentDetails(`${found.points} points of ${found.days} days checked, ${found.problemCount} problems`);
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof custodyEvidenceCheck>(input, { found, done });
    }
  }
  return await checkRestoreTests(input, found);
}

/** Those of all months: they are of a vault, not of the points that were created in one. */
async function checkRestoreTests(input: EvidenceCheckInput, before: EvidenceCheckResult): Promise<EvidenceCheckResult> {
  if (input.scope.pointArn !== null) return before;
  const { tests, problems } = await restoreTestReads.checkRestoreTests(input);
  return {
    ...before,
    restoreTests: tests,
    problemCount: before.problemCount + problems.length,
    problems: [...before.problems, ...problems].slice(0, MOST_TOLD),
  };
}

async function checkDays(
  { evidence, scope }: EvidenceCheckInput,
  days: readonly VaultDay[],
  before: EvidenceCheckResult,
): Promise<EvidenceCheckResult> {
  let [found, from]: [EvidenceCheckResult, EvidencePosition | null] = [before, { day: 0, after: null }];
  while (from) {
    const page: EvidencePage = await evidenceReads.checkEvidence({ evidence, days, from, pointArn: scope.pointArn });
    found = {
      ...addCounts(found, page),
      days: found.days,
      restoreTests: found.restoreTests,
      problemCount: found.problemCount + page.problems.length,
      problems: [...found.problems, ...page.problems].slice(0, MOST_TOLD),
      chain: [...found.chain, ...page.chain],
    };
    from = page.next;
  }
  return found;
}

/** In the order of their names, which a new history goes on by. */
const daysOf = (vaults: readonly VaultDays[]): VaultDay[] =>
  vaults
    .flatMap(({ vault, days }) => days.map((day) => ({ vault, day })))
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));

const nameOf = ({ vault: { account, region, vault }, day }: VaultDay): string => `${account}/${region}/${vault}/${day}`;
