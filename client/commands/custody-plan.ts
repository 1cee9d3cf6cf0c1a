/** `holdfast custody plan`: what a policy would do with a recovery point, or with those of a vault. Changes nothing. */
import type { Command } from 'commander';

export function addCustodyPlan(custody: Command): void {
  custody.command('plan').description('show what a policy would do with a recovery point or a vault; changes nothing');
}
