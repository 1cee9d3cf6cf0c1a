/** `holdfast custody`: what happens to recovery points after AWS Backup completed them. */
import type { Command } from 'commander';
import { addCustodyPlan } from './custody-plan.ts';

export function addCustody(program: Command): void {
  const custody = program
    .command('custody')
    .description(
      'copy recovery points to other accounts and Regions, verify the copies, then shorten or delete the originals',
    );
  for (const add of COMMANDS) add(custody);
}

/** In the order in which one needs them. */
const COMMANDS = [addCustodyPlan];
