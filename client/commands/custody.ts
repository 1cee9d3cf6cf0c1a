/** `holdfast custody`: what happens to recovery points after AWS Backup completed them. */
import type { Command } from 'commander';
import { addCustodyCopyBack } from './custody-copy-back.ts';
import { addCustodyList } from './custody-list.ts';
import { addCustodyPlan } from './custody-plan.ts';
import { addCustodyReconcile } from './custody-reconcile.ts';
import { addCustodyRelease } from './custody-release.ts';
import { addCustodyRestoreTest } from './custody-restore-test.ts';
import { addCustodyReport } from './custody-report.ts';
import { addCustodyResume } from './custody-resume.ts';
import { addCustodyShow } from './custody-show.ts';
import { addCustodyVerifyEvidence } from './custody-verify-evidence.ts';

export function addCustody(program: Command): void {
  const custody = program
    .command('custody')
    .description(
      'copy recovery points to other accounts and Regions, verify the copies, then shorten or delete the originals',
    );
  for (const add of COMMANDS) add(custody);
}

/** In the order in which one needs them. */
const COMMANDS = [
  addCustodyPlan,
  addCustodyList,
  addCustodyShow,
  addCustodyResume,
  addCustodyRelease,
  addCustodyReconcile,
  addCustodyCopyBack,
  addCustodyRestoreTest,
  addCustodyVerifyEvidence,
  addCustodyReport,
];
