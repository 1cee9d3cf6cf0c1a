/** How many AWS calls a run makes, about, and what they cost. */
import { TAGGED_A_CALL } from './call-sizes.ts';
import type { ImageUpgradeInput } from './image-upgrade.ts';
import { costOf } from './prices.ts';
import type { PlanRow } from './upgrade-plan.ts';

/**
 * Of one WorkSpace, all that the run asks of WorkSpaces included: `npm run bench -- upgrade-200` measures 6.9. A migration takes
 * as many: its two WorkSpaces are looked at for longer, but less often.
 */
const CALLS_A_WORKSPACE = 7;
/** Into ADMIN_MAINTENANCE and out of it. */
const CALLS_OF_MAINTENANCE = 2;
/** SendCommand, and on average three looks at what came of it. */
const CALLS_A_WARNING = 4;
const AGENTS_A_PAGE = 50;
/** Rows of a part of the report. */
const ROWS_A_PART = 250;

/** Calls of WorkSpaces, which AWS limits to a small rate. */
export function workspacesCallsOf({ maintenance }: ImageUpgradeInput, going: readonly PlanRow[]): number {
  return going.length * (CALLS_A_WORKSPACE + (maintenance ? CALLS_OF_MAINTENANCE : 0));
}

/** @param waves how many: operators are told of each */
export function callsAndCost(input: ImageUpgradeInput, going: readonly PlanRow[], waves: number) {
  const { warnings, report, operatorTopicArn } = input;
  const parts = Math.ceil(going.length / ROWS_A_PART);
  const sent = warnings.leadSeconds.length * going.length;
  const s3 = {
    // The parts, both files, two lists of the parts, and the test before the run.
    s3Write: parts + 5,
    s3Read: parts + 1,
    s3Delete: 2,
  };
  const kms = report.kmsKeyArn === null ? 0 : s3.s3Write + s3.s3Read;
  const snsPublish = (warnings.topicArn === null ? 0 : sent) + (operatorTopicArn === null ? 0 : waves + 1);
  const calls = {
    workspaces: workspacesCallsOf(input, going),
    tagging: looksAtTags(input) ? Math.ceil(going.length / TAGGED_A_CALL) + going.length : 0,
    ssm: sent === 0 ? 0 : Math.ceil(going.length / AGENTS_A_PAGE) + sent * CALLS_A_WARNING,
    sns: snsPublish,
    s3: s3.s3Write + s3.s3Read + s3.s3Delete,
    kms,
  };
  return {
    calls: Object.fromEntries(Object.entries(calls).filter(([, count]) => count > 0)),
    amount: costOf({ ...s3, kms, snsPublish }),
  };
}

/** Tags are read when the fleet is, and at each last look. */
const looksAtTags = ({ selection }: ImageUpgradeInput): boolean =>
  selection.allOf.length + selection.anyOf.length + selection.noneOf.length > 0;
